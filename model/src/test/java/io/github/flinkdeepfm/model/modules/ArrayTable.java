package io.github.flinkdeepfm.model.modules;

/** An embedding table on a row-major {@code float[]}; as a 16-bit type its values are rounded. */
public final class ArrayTable implements EmbeddingTable {
  private final float[] rows;
  private final int dim;
  private final DataType dataType;

  /** Tables of 16 bits take values that are already representable. */
  public ArrayTable(float[] rows, int dim, DataType dataType) {
    this.rows = rows;
    this.dim = dim;
    this.dataType = dataType;
  }

  /** {@code w[r][c] = 0.5·(r+1) + 0.25·c}, rounded to the table's type. */
  public static ArrayTable byRule(long numEmbeddings, int dim, DataType dataType) {
    float[] rows = new float[Math.toIntExact(numEmbeddings * dim)];
    for (int i = 0; i < rows.length; i++) {
      float value = 0.5f * (i / dim + 1) + 0.25f * (i % dim);
      rows[i] = dataType == DataType.FP16 ? HalfFloat.round(value) : value;
    }
    return new ArrayTable(rows, dim, dataType);
  }

  public static ArrayTable byRule(EmbeddingBagConfig config) {
    return byRule(config.numEmbeddings(), config.embeddingDim(), config.dataType());
  }

  @Override
  public long rows() {
    return rows.length / dim;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public DataType dataType() {
    return dataType;
  }

  @Override
  public void readRow(long row, float[] out, int offset) {
    System.arraycopy(rows, Math.toIntExact(row * dim), out, offset, dim);
  }

  @Override
  public int touch(long[] ids, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += Float.floatToRawIntBits(rows[Math.toIntExact(ids[i] * dim)]);
    }
    return sum;
  }
}
