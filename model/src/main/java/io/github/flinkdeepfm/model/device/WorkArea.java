package io.github.flinkdeepfm.model.device;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where bags are gathered and summed:
 *
 * <pre>
 *   row 0                zeros
 *   … boundary           rows of FP32 tables, the last ones next to the boundary
 *   boundary …           rows of FP16 tables, widened
 *   firstSums[level] …   the sums of each level
 * </pre>
 *
 * Grows with the largest batch seen. One scorer's.
 */
final class WorkArea implements AutoCloseable {
  private final Device device;
  private final int dim;
  private final int[] room = new int[2];
  private final int[] sumRoom = new int[BagLayout.levels() + 1];
  private final int[] firstSums = new int[BagLayout.levels() + 1];
  private final Map<List<Integer>, INDArray> views = new HashMap<>();
  private final Map<Integer, INDArray> halves = new HashMap<>();
  private final Map<List<Integer>, INDArray> groups = new HashMap<>();
  private DeviceArrays arrays;
  private DeviceArrays others;
  private INDArray area;

  WorkArea(Device device, int dim) {
    this.device = device;
    this.dim = dim;
    this.arrays = new DeviceArrays(device, "work area");
    this.others = new DeviceArrays(device, "work area");
  }

  /** Makes room for a batch. */
  void ensure(BagLayout layout) {
    boolean fits = area != null;
    for (int type = 0; type < 2; type++) {
      fits &= layout.gathered[type] <= room[type];
      room[type] = Math.max(room[type], layout.gathered[type]);
    }
    for (int level = 1; level < sumRoom.length; level++) {
      fits &= layout.sums[level] <= sumRoom[level];
      sumRoom[level] = Math.max(sumRoom[level], layout.sums[level]);
    }
    if (fits) {
      return;
    }
    if (area != null) {
      device.await(); // The batch before may still use it.
    }
    views.clear();
    area = null;
    arrays.close();
    int next = 1 + room[0] + room[1];
    for (int level = 1; level < sumRoom.length; level++) {
      firstSums[level] = next;
      next = Math.addExact(next, sumRoom[level]);
    }
    area = arrays.create(DataType.FLOAT, 'c', next, dim);
  }

  INDArray area() {
    return area;
  }

  int boundary() {
    return 1 + room[0];
  }

  int[] firstSums() {
    return firstSums;
  }

  /** Rows [from, from + count) as [count, D]. */
  INDArray rows(int from, int count) {
    return views.computeIfAbsent(
        List.of(from, count),
        key -> area.get(NDArrayIndex.interval(from, from + count), NDArrayIndex.all()));
  }

  /** Rows [from, from + count·fan) as [count, fan, D]. */
  INDArray groups(int from, int count, int fan) {
    return views.computeIfAbsent(
        List.of(from, count, fan),
        key ->
            area.get(NDArrayIndex.interval(from, from + count * fan), NDArrayIndex.all())
                .reshape(count, fan, dim));
  }

  /** f16 [count, D], for rows on their way into the area. */
  INDArray halves(int count) {
    return halves.computeIfAbsent(count, n -> others.create(DataType.FLOAT16, 'c', n, dim));
  }

  /** f32 [count·fan, D], for sums that are gathered to be summed again; and as [count, fan, D]. */
  INDArray gathered(int count, int fan, boolean grouped) {
    INDArray flat =
        groups.computeIfAbsent(
            List.of(count, fan),
            key -> others.create(DataType.FLOAT, 'c', (long) count * fan, dim));
    return grouped
        ? groups.computeIfAbsent(List.of(count, fan, 1), key -> flat.reshape(count, fan, dim))
        : flat;
  }

  @Override
  public void close() {
    views.clear();
    halves.clear();
    groups.clear();
    arrays.close();
    others.close();
  }
}
