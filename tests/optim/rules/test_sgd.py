from netwright.optim import sgd


def test_equals_its_reference(follows_reference):
    def reference(slope, x, rates):
        for rate in rates:
            x = x - rate * slope(x)
        return x

    follows_reference(sgd, reference)
