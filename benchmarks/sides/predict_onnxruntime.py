"""The exported file in onnxruntime, without netwright: ``MODEL DATA OUT``, a Parquet file block by block."""

import sys

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet


def main(model: str, data: str, out: str) -> None:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    inputs = {given.name: given.type for given in session.get_inputs()}
    writer = None
    for batch in pyarrow.parquet.ParquetFile(data).iter_batches(1 << 16, columns=list(inputs)):
        fed = {name: column(batch[name], type) for name, type in inputs.items()}
        label, probabilities = session.run(["label", "probabilities"], fed)
        columns = {"prediction": pa.array(label), "p_0": probabilities[:, 0], "p_1": probabilities[:, 1]}
        table = pa.table(columns)
        writer = writer or pyarrow.parquet.ParquetWriter(out, table.schema)
        writer.write_table(table)
    writer.close()


def column(cells: pa.Array, type: str) -> np.ndarray:
    if type == "tensor(string)":
        return cells.fill_null("").to_numpy(zero_copy_only=False)
    return cells.cast(pa.float64()).to_numpy(zero_copy_only=False)


main(*sys.argv[1:])
