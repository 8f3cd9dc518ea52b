from netwright.core.layout import Layout

TABLE = Layout("table", (4,), embeddings=((3, 9),))
TEXT = Layout("text", (2,), vocabulary=7)
TOGETHER = Layout("several", (6,), parts=(TABLE, TEXT))


def test_codes_and_their_numbers_are_found_in_all_parts():
    assert (TABLE.codes, TEXT.codes, TOGETHER.codes) == ((3,), (0, 1), (3, 4, 5))
    assert (TABLE.levels, TEXT.levels, TOGETHER.levels) == ((9,), (7,), (9, 7))


def test_json_keeps_everything():
    assert Layout.from_json(TOGETHER.to_json()) == TOGETHER
