package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.kernel.Activations;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The forward pass by ND4J operations on one device.
 *
 * <pre>
 *   floats [dense B·N | weights or divisors] ──▶┐
 *   values [ids, as rows of the stacks]      ──▶│ gather, sum, gather ─▶ x [B, (1+F)·D]
 *   places [slots, as rows of the work area] ──▶│ dense arch ─▶ column block 0 of x
 *                                               │ deep, fm, over-arch
 *   logits [B]                               ◀──┘
 * </pre>
 *
 * <p>{@link #score} is {@link #submit} and {@link #collect}. Who calls those two itself can submit
 * a batch while the one before is being computed: input buffers and logits come in two turns.
 */
public final class DeviceScorer implements DeepFmScorer {
  private static final int TURNS = 2;

  private final Device device;
  private final DeviceDeepFm model;
  private final DeviceOps ops;
  private final DeviceTransfer transfer;
  private final BagLayout layout;
  private final InputBuffers inputs;
  private final WorkArea work;
  private final Map<Integer, RowBuffers> buffers = new HashMap<>();
  private final int leastRows;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private float[] floats = new float[0];
  private int turn;
  private Thread bound;

  private record Pending(RowBuffers rows, int batch, int turn) {}

  /**
   * @param leastRows batches are padded to at least this many rows
   */
  DeviceScorer(DeviceDeepFm model, int leastRows) {
    this.device = model.device();
    this.model = model;
    this.leastRows = leastRows;
    this.ops = new DeviceOps(device);
    this.transfer = new DeviceTransfer(device);
    this.layout = new BagLayout(model.tables(), model.isWeighted());
    this.inputs = new InputBuffers(device);
    this.work = new WorkArea(device, model.embeddingDim());
  }

  @Override
  public void score(float[] dense, KeyedJaggedTensor kjt, float[] logits) {
    checkIdle();
    checkRoom(kjt.stride(), logits);
    if (kjt.stride() == 0) {
      return;
    }
    submit(dense, kjt);
    collect(logits);
  }

  /**
   * Begins to score a batch; at most two are under way. The arguments may be reused afterwards.
   *
   * @param dense [B, N], row-major; may be longer
   * @throws IllegalStateException if two batches are under way already
   */
  public void submit(float[] dense, KeyedJaggedTensor kjt) {
    if (pending.size() == TURNS) {
      throw new IllegalStateException(
          "expected at most " + TURNS + " batches under way, got another");
    }
    int batch = kjt.stride();
    int n = model.denseFeatures();
    if (dense.length < batch * n) {
      throw new IllegalArgumentException(
          "expected dense ["
              + batch
              + ", "
              + n
              + "] and room for "
              + batch
              + " logits, got "
              + dense.length
              + " floats");
    }
    bind();
    int rows = Math.max(leastRows, Buckets.of(batch));
    RowBuffers flow = rowBuffers(rows);
    layout.plan(kjt, rows);
    if (!layout.direct) {
      work.ensure(layout);
    }
    layout.fill(work.boundary(), work.firstSums());
    InputBuffers.Input in = writeFloats(dense, batch, rows);
    if (layout.direct) {
      poolOneEach(flow, in.parts().get(1));
    } else {
      pool(flow, in.parts().get(1));
    }
    infer(flow, in.parts().get(0), flow.logits[turn]);
    pending.add(new Pending(flow, batch, turn));
    turn = (turn + 1) % TURNS;
  }

  /**
   * Waits for the batch that was submitted first of those under way.
   *
   * @param logits gets its B values
   * @throws java.util.NoSuchElementException if none is under way
   */
  public void collect(float[] logits) {
    Pending first = pending.element();
    checkRoom(first.batch(), logits);
    device.await();
    transfer.read(first.rows().logits[first.turn()], logits, first.batch());
    pending.remove();
  }

  private void checkIdle() {
    if (!pending.isEmpty()) {
      throw new IllegalStateException(
          "expected no batch under way, got " + pending.size() + " to be collected first");
    }
  }

  private static void checkRoom(int batch, float[] logits) {
    if (logits.length < batch) {
      throw new IllegalArgumentException(
          "expected room for " + batch + " logits, got " + logits.length);
    }
  }

  /** What crossed so far. */
  public TransferCounts transferred() {
    return transfer.counts();
  }

  private void bind() {
    if (bound != Thread.currentThread()) {
      device.bind();
      bound = Thread.currentThread();
    }
  }

  private RowBuffers rowBuffers(int rows) {
    return buffers.computeIfAbsent(
        rows,
        r -> {
          int half = (int) model.tables().features().stream().filter(f -> f.half()).count();
          return new RowBuffers(device, model, r, model.tables().features().size(), half);
        });
  }

  private InputBuffers.Input writeFloats(float[] dense, int batch, int rows) {
    int n = model.denseFeatures();
    int length = rows * n + layout.scaleLength;
    if (floats.length < length) {
      floats = new float[length];
    }
    System.arraycopy(dense, 0, floats, 0, batch * n);
    Arrays.fill(floats, batch * n, rows * n, 0f);
    System.arraycopy(layout.scale, 0, floats, rows * n, layout.scaleLength);
    InputBuffers.Input in =
        inputs.get(
            DataType.FLOAT,
            turn,
            List.of(List.of((long) rows, (long) n), column(layout.scaleLength)));
    transfer.write(floats, in.whole());
    return in;
  }

  /** One gather for all slots. */
  private void poolOneEach(RowBuffers flow, INDArray weights) {
    InputBuffers.Input values =
        inputs.get(DataType.INT64, turn, List.of(column(layout.valuesLength)));
    transfer.write(layout.values, values.whole());
    INDArray rows = values.parts().get(0);
    if (flow.half == null) {
      ops.gather(model.tables().full().orElseThrow().rows(), rows, flow.slots);
    } else {
      ops.gather(model.tables().half().orElseThrow().rows(), rows, flow.half);
      ops.assign(flow.half, flow.slots);
    }
    if (weights != null) {
      ops.multiply(flow.slots, weights);
    }
  }

  private void pool(RowBuffers flow, INDArray scale) {
    gatherRows();
    int full = layout.gathered[0];
    int first = work.boundary() - full;
    if (model.isWeighted()) {
      ops.multiply(work.rows(first, layout.valuesLength), scale);
    }
    List<INDArray> places = writePlaces();
    if (layout.sums[1] > 0) {
      ops.sum(
          work.groups(
              work.boundary() - BagLayout.fan(1) * layout.chunks[0],
              layout.sums[1],
              BagLayout.fan(1)),
          work.rows(work.firstSums()[1], layout.sums[1]));
    }
    for (int level = 2; level <= BagLayout.levels(); level++) {
      int sums = layout.sums[level];
      if (sums > 0) {
        int fan = BagLayout.fan(level);
        ops.gather(work.area(), places.get(level - 1), work.gathered(sums, fan, false));
        ops.sum(work.gathered(sums, fan, true), work.rows(work.firstSums()[level], sums));
      }
    }
    ops.gather(work.area(), places.get(0), flow.slots);
    if (layout.rounds) {
      roundHalves(flow);
    }
    if (layout.divides) {
      ops.divide(flow.slots, scale);
    }
    if (layout.roundsAgain) {
      roundHalves(flow);
    }
  }

  private void gatherRows() {
    int full = layout.gathered[0];
    int half = layout.gathered[1];
    InputBuffers.Input values =
        inputs.get(DataType.INT64, turn, List.of(column(full), column(half)));
    transfer.write(layout.values, values.whole());
    if (full > 0) {
      ops.gather(
          model.tables().full().orElseThrow().rows(),
          values.parts().get(0),
          work.rows(work.boundary() - full, full));
    }
    if (half > 0) {
      INDArray narrow = work.halves(half);
      ops.gather(model.tables().half().orElseThrow().rows(), values.parts().get(1), narrow);
      ops.assign(narrow, work.rows(work.boundary(), half));
    }
  }

  private List<INDArray> writePlaces() {
    List<List<Long>> shapes = new ArrayList<>(List.of(column(layout.slots)));
    for (int level = 2; level <= BagLayout.levels(); level++) {
      shapes.add(column((long) layout.sums[level] * BagLayout.fan(level)));
    }
    InputBuffers.Input places = inputs.get(DataType.INT32, turn, List.copyOf(shapes));
    transfer.write(layout.places, places.whole());
    return places.parts();
  }

  private static List<Long> column(long length) {
    return List.of(length, 1L);
  }

  private void roundHalves(RowBuffers flow) {
    ops.assign(flow.halfColumns, flow.half);
    ops.assign(flow.half, flow.halfColumns);
  }

  private void infer(RowBuffers flow, INDArray dense, INDArray logits) {
    DeviceDeepFm.Layers layers = model.layers();
    ops.reluLayer(dense, layers.hidden().weight(), layers.hidden().bias(), flow.hidden);
    ops.reluLayer(flow.hidden, layers.embed().weight(), layers.embed().bias(), flow.embedded);
    ops.assign(flow.embedded, flow.denseColumns);
    ops.reluLayer(flow.x, layers.deep().weight(), layers.deep().bias(), flow.deep);
    ops.sum(flow.x, flow.fm);
    ops.multiply(flow.fm, flow.fm);
    ops.sumOfSquares(flow.x, flow.squares);
    ops.subtract(flow.fm, flow.squares);
    ops.columns(flow.interaction, flow.embedded, flow.deep, flow.fm);
    ops.linear(flow.interaction, layers.over().weight(), layers.over().bias(), logits);
  }

  @Override
  public Activations forward(float[] dense, KeyedJaggedTensor kjt) {
    int batch = kjt.stride();
    int d = model.embeddingDim();
    int di = model.deepDim();
    List<DeviceTables.Feature> features = model.tables().features();
    float[] logits = new float[batch];
    checkIdle();
    submit(dense, kjt);
    RowBuffers flow = pending.getLast().rows();
    collect(logits);
    int width = (1 + features.size()) * d;
    float[] embedded = new float[batch * d];
    float[] x = new float[batch * width];
    float[] interaction = new float[batch * (d + di + 1)];
    transfer.read(flow.embedded, embedded, embedded.length);
    transfer.read(flow.x, x, x.length);
    transfer.read(flow.interaction, interaction, interaction.length);
    float[] sparse = new float[batch * (width - d)];
    for (int row = 0; row < batch; row++) {
      for (int f = 0; f < features.size(); f++) {
        System.arraycopy(
            x,
            row * width + (1 + f) * d,
            sparse,
            row * (width - d) + features.get(f).position() * d,
            d);
      }
      interaction[(row + 1) * (d + di + 1) - 1] *= 0.5f; // The half is in the over-arch's weight.
    }
    return new Activations(embedded, sparse, interaction, logits);
  }

  @Override
  public void close() {
    try {
      if (!pending.isEmpty()) {
        device.await(); // What is under way still uses the buffers.
      }
    } finally {
      pending.clear();
      release();
    }
  }

  private void release() {
    buffers.values().forEach(RowBuffers::close);
    buffers.clear();
    inputs.close();
    work.close();
  }
}
