package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;

/**
 * Rows straight from a mapped file.
 *
 * <p>One mapping covers at most 2 GiB, so a table is a row of chunks, each of 2^k rows: row r lies
 * in chunk {@code r >>> k}. Reads are thread-safe. The mapping belongs to this table's owners, of
 * which there is one at first: whoever closes as the last of them has made sure that no thread
 * reads any more, for a read after that fails or crashes the process.
 */
public final class MappedTable implements EmbeddingTable, Closeable {
  private static final int LINE_BYTES = 64;

  private final long rows;
  private final int dim;
  private final DataType dataType;
  private final int shift;
  private final long mask;
  private final int rowBytes;
  private MappedByteBuffer[] chunks;
  private FloatBuffer[] floats;
  private ShortBuffer[] halves;
  private int owners = 1;

  private MappedTable(long rows, int dim, DataType dataType, int shift, MappedByteBuffer[] chunks) {
    this.rows = rows;
    this.dim = dim;
    this.dataType = dataType;
    this.shift = shift;
    this.mask = (1L << shift) - 1;
    this.rowBytes = dim * dataType.bytes();
    this.chunks = chunks;
    if (dataType == DataType.FP32) {
      floats = Arrays.stream(chunks).map(c -> c.asFloatBuffer()).toArray(FloatBuffer[]::new);
    } else {
      halves = Arrays.stream(chunks).map(c -> c.asShortBuffer()).toArray(ShortBuffer[]::new);
    }
  }

  /**
   * @param tensor of shape [R, D], neither 0, a row not above maxChunkBytes
   */
  static MappedTable map(
      FileChannel channel, TensorInfo tensor, DataType dataType, int maxChunkBytes)
      throws IOException {
    long rows = tensor.shape().get(0);
    long rowBytes = tensor.shape().get(1) * dataType.bytes();
    int shift = 63 - Long.numberOfLeadingZeros(maxChunkBytes / rowBytes);
    long chunkBytes = rowBytes << shift;
    int count = Math.toIntExact(((rows - 1) >>> shift) + 1);
    MappedByteBuffer[] chunks = new MappedByteBuffer[count];
    boolean mapped = false;
    try {
      for (int i = 0; i < count; i++) {
        long begin = tensor.begin() + i * chunkBytes;
        long bytes = Math.min(chunkBytes, tensor.end() - begin);
        chunks[i] = channel.map(FileChannel.MapMode.READ_ONLY, begin, bytes);
        chunks[i].order(ByteOrder.LITTLE_ENDIAN);
      }
      mapped = true;
    } finally {
      if (!mapped) {
        unmap(chunks);
      }
    }
    return new MappedTable(rows, tensor.shape().get(1).intValue(), dataType, shift, chunks);
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public DataType dataType() {
    return dataType;
  }

  /** Bytes of the file that this table maps. */
  public long mappedBytes() {
    return rows * rowBytes;
  }

  @Override
  public void readRow(long row, float[] out, int offset) {
    int chunk = (int) (row >>> shift);
    int at = (int) (row & mask) * dim;
    switch (dataType) {
      case FP32 -> floats[chunk].get(at, out, offset, dim);
      case FP16 -> {
        ShortBuffer source = halves[chunk];
        for (int i = 0; i < dim; i++) {
          out[offset + i] = HalfFloat.toFloat(source.get(at + i));
        }
      }
      case BF16 -> {
        ShortBuffer source = halves[chunk];
        for (int i = 0; i < dim; i++) {
          out[offset + i] = HalfFloat.bfloat16ToFloat(source.get(at + i));
        }
      }
    }
  }

  @Override
  public void readRows(long[] ids, int from, int to, float[] out, int offset, int stride) {
    if (dataType != DataType.FP32 || floats.length > 1) {
      EmbeddingTable.super.readRows(ids, from, to, out, offset, stride);
      return;
    }
    FloatBuffer source = floats[0];
    for (int i = from; i < to; i++) {
      source.get((int) ids[i] * dim, out, offset + (i - from) * stride, dim);
    }
  }

  @Override
  public int touch(long[] ids, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += touchRow(ids[i]);
    }
    return sum;
  }

  /** Rows may start anywhere in a cache line, so the last byte is read as well. */
  int touchRow(long row) {
    MappedByteBuffer chunk = chunks[(int) (row >>> shift)];
    int begin = (int) (row & mask) * rowBytes;
    int end = begin + rowBytes;
    int sum = chunk.get(end - 1);
    for (int at = begin; at < end; at += LINE_BYTES) {
      sum += chunk.get(at);
    }
    return sum;
  }

  /** Adds an owner, who closes this table too; empty if the last one has closed it already. */
  synchronized Optional<MappedTable> share() {
    if (chunks == null) {
      return Optional.empty();
    }
    owners++;
    return Optional.of(this);
  }

  /** Ends one owner's claim; the last one unmaps. Calls after that do nothing. */
  @Override
  public synchronized void close() {
    if (chunks != null && --owners == 0) {
      MappedByteBuffer[] mapped = chunks;
      chunks = null;
      floats = null;
      halves = null;
      unmap(mapped);
    }
  }

  private static void unmap(MappedByteBuffer[] chunks) {
    for (MappedByteBuffer chunk : chunks) {
      if (chunk != null) {
        Unmapper.unmap(chunk);
      }
    }
  }
}
