package io.github.flinkdeepfm.pipeline.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A {@code SimpleDeepFMNN} in ONNX Runtime on one thread, as a careful user of its Java interface
 * has it: tables shared without a copy, weights as constants that it may pack, direct buffers that
 * are filled in place and wrapped once for each batch size. Not thread-safe.
 */
public final class OnnxDeepFm implements AutoCloseable {
  /** How bags go in. */
  public enum Bags {
    /** One id each: rows are gathered and concatenated. */
    ONE_ID,
    /** Padded to the batch's longest bag of the feature, with a mask that also divides for MEAN. */
    PADDED
  }

  private final ModelConfig config;
  private final Bags bags;
  private final int features;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final List<OnnxTensor> tables = new ArrayList<>();
  private final OrtSession session;
  private final boolean[] mean;

  private int capacity;
  private FloatBuffer denseBuffer;
  private FloatBuffer logitBuffer;
  private final Map<Integer, Batch> batches = new HashMap<>();
  private LongBuffer ids;
  private FloatBuffer mask = floats(0);
  private final long[] zeroIds = new long[1 << 10];

  /** Tensors over the buffers for one batch size. */
  private record Batch(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    void close() {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }

  /**
   * @param dense parameters by their state_dict names
   * @param tables of the model's order, each [R, D] floats in a direct or mapped buffer, which is
   *     read in place and has to outlive this
   */
  public OnnxDeepFm(
      ModelConfig config, Function<String, float[]> dense, List<ByteBuffer> tables, Bags bags)
      throws OrtException {
    this.config = config;
    this.bags = bags;
    this.features = config.featureNames().size();
    this.mean = new boolean[features];
    byte[] model = OnnxDeepFmGraph.of(config, dense, bags).toBytes();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      int feature = 0;
      for (int t = 0; t < tables.size(); t++) {
        FloatBuffer rows = tables.get(t).duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
        long[] shape = {config.tables().get(t).numEmbeddings(), config.embeddingDim()};
        OnnxTensor tensor = OnnxTensor.createTensor(environment, rows, shape);
        this.tables.add(tensor);
        options.addInitializer(OnnxDeepFmGraph.table(t), tensor);
        for (int i = 0; i < config.tables().get(t).featureNames().size(); i++) {
          mean[feature++] = config.tables().get(t).pooling() == PoolingType.MEAN;
        }
      }
      this.session = environment.createSession(model, options);
    }
  }

  /**
   * Scores a batch of bags of one id.
   *
   * @param denseRows [B, N], row-major; may be longer
   * @param sparse [F, B], ids by feature; may be longer
   * @param batch B
   * @param logits gets B values
   */
  public void score(float[] denseRows, long[] sparse, int batch, float[] logits)
      throws OrtException {
    if (bags != Bags.ONE_ID) {
      throw new IllegalStateException("expected a session for bags of one id, got " + bags);
    }
    reserve(batch);
    denseBuffer.put(0, denseRows, 0, batch * config.numDenseFeatures());
    ids.put(0, sparse, 0, features * batch);
    Batch tensors = batches.get(batch);
    if (tensors == null) {
      tensors = new Batch(inputs(batch), outputs(batch));
      for (int f = 0; f < features; f++) {
        tensors.inputs.put(OnnxDeepFmGraph.ids(f), ids(f * batch, batch, new long[] {batch}));
      }
      batches.put(batch, tensors);
    }
    session.run(tensors.inputs, tensors.outputs).close();
    logitBuffer.get(0, logits, 0, batch);
  }

  /**
   * Scores a batch.
   *
   * @param kjt its keys are the model's features in their order
   */
  public void score(float[] denseRows, KeyedJaggedTensor kjt, float[] logits) throws OrtException {
    int batch = kjt.stride();
    if (bags == Bags.ONE_ID) {
      score(denseRows, kjt.values(), batch, logits);
      return;
    }
    reserve(batch);
    denseBuffer.put(0, denseRows, 0, batch * config.numDenseFeatures());
    int[] longest = pad(kjt);
    Batch tensors = new Batch(inputs(batch), outputs(batch));
    int at = 0;
    for (int f = 0; f < features; f++) {
      int size = batch * longest[f];
      tensors.inputs.put(OnnxDeepFmGraph.ids(f), ids(at, size, new long[] {batch, longest[f]}));
      tensors.inputs.put(
          OnnxDeepFmGraph.mask(f), floats(mask, at, size, new long[] {batch, longest[f], 1}));
      at += size;
    }
    session.run(tensors.inputs, tensors.outputs).close();
    tensors.close();
    logitBuffer.get(0, logits, 0, batch);
  }

  /** Fills ids and mask, one feature after another, and returns each feature's longest bag. */
  private int[] pad(KeyedJaggedTensor kjt) {
    int batch = kjt.stride();
    int[] offsets = kjt.offsets();
    int[] longest = new int[features];
    int total = 0;
    for (int f = 0; f < features; f++) {
      int most = 1;
      for (int bag = f * batch; bag < (f + 1) * batch; bag++) {
        most = Math.max(most, offsets[bag + 1] - offsets[bag]);
      }
      longest[f] = most;
      total += batch * most;
    }
    if (mask.capacity() < total) {
      ids = direct(2 * total * Long.BYTES).asLongBuffer();
      mask = floats(2 * total);
    }
    int at = 0;
    for (int f = 0; f < features; f++) {
      for (int bag = f * batch; bag < (f + 1) * batch; bag++) {
        int count = offsets[bag + 1] - offsets[bag];
        ids.put(at, kjt.values(), offsets[bag], count);
        ids.put(at + count, zeroIds, 0, longest[f] - count);
        float share = mean[f] ? 1f / count : 1f;
        for (int i = 0; i < longest[f]; i++) {
          mask.put(at + i, i < count ? share : 0f);
        }
        at += longest[f];
      }
    }
    return longest;
  }

  private void reserve(int batch) {
    if (batch <= capacity) {
      return;
    }
    batches.values().forEach(Batch::close);
    batches.clear();
    capacity = Math.max(batch, 2 * capacity);
    denseBuffer = floats(capacity * config.numDenseFeatures());
    logitBuffer = floats(capacity);
    if (bags == Bags.ONE_ID) {
      ids = direct(capacity * features * Long.BYTES).asLongBuffer();
    }
  }

  private Map<String, OnnxTensor> inputs(int batch) throws OrtException {
    int n = config.numDenseFeatures();
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    inputs.put(OnnxDeepFmGraph.DENSE, floats(denseBuffer, 0, batch * n, new long[] {batch, n}));
    return inputs;
  }

  private Map<String, OnnxTensor> outputs(int batch) throws OrtException {
    return Map.of(OnnxDeepFmGraph.LOGITS, floats(logitBuffer, 0, batch, new long[] {batch, 1}));
  }

  private OnnxTensor floats(FloatBuffer buffer, int from, int size, long[] shape)
      throws OrtException {
    return OnnxTensor.createTensor(environment, buffer.slice(from, size), shape);
  }

  private OnnxTensor ids(int from, int size, long[] shape) throws OrtException {
    return OnnxTensor.createTensor(environment, ids.slice(from, size), shape);
  }

  private static FloatBuffer floats(int size) {
    return direct(size * Float.BYTES).asFloatBuffer();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() throws OrtException {
    batches.values().forEach(Batch::close);
    session.close();
    tables.forEach(OnnxTensor::close);
  }
}
