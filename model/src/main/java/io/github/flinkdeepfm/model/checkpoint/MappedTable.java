package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Objects;
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
  private final long rows;
  private final int dim;
  private final DataType dataType;
  private final int shift;
  private final long mask;
  private final int rowBytes;
  private MappedByteBuffer[] chunks;
  private long[] addresses;
  private int owners = 1;

  private MappedTable(long rows, int dim, DataType dataType, int shift, MappedByteBuffer[] chunks) {
    this.rows = rows;
    this.dim = dim;
    this.dataType = dataType;
    this.shift = shift;
    this.mask = (1L << shift) - 1;
    this.rowBytes = dim * dataType.bytes();
    this.chunks = chunks;
    this.addresses = Arrays.stream(chunks).mapToLong(RawMemory::address).toArray();
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
    Objects.checkFromIndexSize(offset, dim, out.length);
    long from = address(addresses, row);
    switch (dataType) {
      case FP32 -> RawMemory.getFloats(from, out, offset, dim);
      case FP16 -> {
        for (int i = 0; i < dim; i++) {
          out[offset + i] = HalfFloat.toFloat(RawMemory.getShort(from + 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < dim; i++) {
          out[offset + i] = HalfFloat.bfloat16ToFloat(RawMemory.getShort(from + 2L * i));
        }
      }
    }
  }

  @Override
  public void readRows(long[] ids, int from, int to, float[] out, int offset, int stride) {
    if (dataType != DataType.FP32 || from >= to) {
      EmbeddingTable.super.readRows(ids, from, to, out, offset, stride);
      return;
    }
    Objects.checkFromIndexSize(offset, (to - from - 1) * stride + dim, out.length);
    long[] chunkAddresses = addresses;
    if (chunkAddresses.length == 1) { // Most tables: less to compute for each row.
      long begin = chunkAddresses[0];
      for (int i = from; i < to; i++) {
        RawMemory.getFloats(begin + ids[i] * rowBytes, out, offset + (i - from) * stride, dim);
      }
      return;
    }
    for (int i = from; i < to; i++) {
      RawMemory.getFloats(address(chunkAddresses, ids[i]), out, offset + (i - from) * stride, dim);
    }
  }

  /**
   * A row's first byte and its last, which may lie in another cache line or page; the lines between
   * are what the CPU fetches by itself. A read of each line keeps as many misses from being under
   * way at once as it starts: 100 ns a row of 256 bytes instead of 69.
   */
  @Override
  public int touch(long[] ids, int from, int to) {
    long[] chunkAddresses = addresses;
    int last = rowBytes - 1;
    int sum = 0;
    if (chunkAddresses.length == 1) {
      long begin = chunkAddresses[0];
      for (int i = from; i < to; i++) {
        long row = begin + ids[i] * rowBytes;
        sum += RawMemory.getByte(row) + RawMemory.getByte(row + last);
      }
      return sum;
    }
    for (int i = from; i < to; i++) {
      long row = address(chunkAddresses, ids[i]);
      sum += RawMemory.getByte(row) + RawMemory.getByte(row + last);
    }
    return sum;
  }

  int touchRow(long row) {
    long begin = address(addresses, row);
    return RawMemory.getByte(begin) + RawMemory.getByte(begin + rowBytes - 1);
  }

  private long address(long[] chunkAddresses, long row) {
    return chunkAddresses[(int) (row >>> shift)] + (row & mask) * rowBytes;
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
      addresses = null;
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
