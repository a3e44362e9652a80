package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.fuzz.ByteMutator;
import io.github.flinkdeepfm.model.fuzz.FuzzTarget;
import io.github.flinkdeepfm.model.fuzz.JsonMutator;
import io.github.flinkdeepfm.model.fuzz.JsonTree;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HeapTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Mutated events through the production decoder and its slow twin, which have to agree on the
 * columns or on the reason; then through a small model, in batches of several sizes, to the same
 * bits.
 */
public final class EventFuzz implements FuzzTarget {
  private static final int BATCH = 48;

  private static final List<String> ODD_IDS =
      List.of(
          "\"17\"",
          "\"-0\"",
          "\"007\"",
          "\"+1\"",
          "\" 1\"",
          "\"17.0\"",
          "\"-\"",
          "\"1524831183200260097\"",
          "\"9223372036854775807\"",
          "\"9223372036854775808\"",
          "\"-123456789012345678901234567890\"",
          "1.7e1",
          "1700e-2",
          "0.17e2",
          "-0.0",
          "9007199254740992.0",
          "-9007199254740992.0",
          "9007199254740993.0",
          "9007199254740994.0",
          "1.00000000000000000001",
          "1e-400",
          "[\"\"]",
          "[ \"\" ]",
          "[\"\",\"\"]",
          "[\"\" , 1]",
          "[\"\"");

  private static final List<String> ODD_TIMES =
      List.of(
          "1700000000000",
          "1700000000.1239",
          "253402300799999",
          "253402300800000",
          "253402300799.9999",
          "253402300800",
          "0.0009",
          "-0.0001",
          "\"2024-02-29T10:11:12.3456789Z\"",
          "\"2023-02-29T10:11:12Z\"",
          "\"2024-02-29\"",
          "\"2024-02-29T10:11\"",
          "\"2024-02-29T24:00:00Z\"",
          "\"2024-02-29T23:59:60Z\"",
          "\"2024-02-29T23:11:12+05:30\"",
          "\"2024-02-29T23:11:12+0530\"",
          "\"2024-02-29T23:11:12-00:00\"",
          "\"+12024-02-29T23:11:12Z\"",
          "\"1970-01-01T00:00:00+01:00\"");

  private final EventScenario scenario;
  private final Random random;
  private final EventGenerator generator;
  private final JsonMutator mutator;
  private final ByteMutator damager;
  private final TreeEventDecoder slow;
  private final JsonEventDecoder fast;
  private final FeatureBatch batch;
  private final FeatureBatch part;
  private final List<TreeEventDecoder.Decoded> expected = new ArrayList<>();
  private final List<byte[]> events = new ArrayList<>();
  private final DecodedEvent out = new DecodedEvent();
  private final HostDeepFm model;
  private final DeepFmScorer scorer;
  private final float[] logits = new float[BATCH];
  private final float[] partLogits = new float[BATCH];
  private byte[] event = {};

  EventFuzz(EventScenario scenario, long seed) {
    this.scenario = scenario;
    random = new Random(seed ^ scenario.name().hashCode());
    generator = new EventGenerator(scenario, random);
    List<String> odd = new ArrayList<>(ODD_TIMES);
    odd.addAll(ODD_IDS);
    mutator = new JsonMutator(random, odd);
    damager = new ByteMutator(random);
    slow = new TreeEventDecoder(scenario.mapping(), scenario.features(), scenario.model());
    fast = new JsonEventDecoder(scenario.mapping(), scenario.features(), scenario.model());
    batch = fast.newBatch();
    part = fast.newBatch();
    model = model(scenario);
    scorer = model.newScorer();
  }

  /** One target a scenario. */
  public static List<FuzzTarget> all(Path folder, long seed) {
    return EventScenario.all(folder).stream()
        .map(scenario -> (FuzzTarget) new EventFuzz(scenario, seed))
        .toList();
  }

  private static HostDeepFm model(EventScenario scenario) {
    Random weights = new Random(7);
    Map<String, float[]> parameters = new HashMap<>();
    for (StateDict.Entry entry : StateDict.dense(scenario.model())) {
      parameters.put(entry.name(), gaussians(weights, entry.shape()));
    }
    List<EmbeddingTable> tables = new ArrayList<>();
    scenario
        .model()
        .tables()
        .forEach(
            t ->
                tables.add(
                    new HeapTable(
                        t.embeddingDim(),
                        gaussians(weights, List.of(t.numEmbeddings(), (long) t.embeddingDim())))));
    return new HostDeepFm(scenario.model(), parameters::get, tables);
  }

  private static float[] gaussians(Random random, List<Long> shape) {
    float[] values =
        new float[(int) shape.stream().mapToLong(n -> n).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * 0.1);
    }
    return values;
  }

  @Override
  public String name() {
    return "event: " + scenario.name();
  }

  @Override
  public long maxAllocation() {
    return 16 << 20; // the slow twin included
  }

  @Override
  public String describe() {
    return event == null
        ? "no value"
        : new String(event, UTF_8) + "\n" + HexFormat.of().formatHex(event);
  }

  @Override
  public void next(Consumer<String> outcomes) {
    event = makeEvent();
    TreeEventDecoder.Decoded row = null;
    DeadLetterReason reason = null;
    try {
      row = slow.decode(event);
    } catch (TreeEventDecoder.Rejected e) {
      reason = e.reason;
    }
    try {
      fast.decode(event, batch, out);
      same("rejection", reason, null);
    } catch (RejectedEventException e) {
      same("rejection (" + e.detail() + ")", reason, e.reason());
      boolean plain = e.detail().length() < 300 && e.detail().indexOf('\n') < 0;
      same("short plain detail of " + e.detail(), true, plain);
      same("rows", expected.size(), batch.rows());
      outcomes.accept(reason.name());
      return;
    }
    checkOutside(row);
    row.text = describe();
    expected.add(row);
    events.add(event);
    if (expected.size() == BATCH) {
      checkBatch(outcomes);
    }
  }

  private byte[] makeEvent() {
    int kind = random.nextInt(100);
    if (kind == 0) {
      return random.nextInt(50) == 0 ? null : damager.noise(120);
    }
    JsonTree tree = generator.next();
    if (kind < 70) {
      mutator.mutate(tree, 1 + random.nextInt(random.nextInt(6) == 0 ? 8 : 2));
    }
    byte[] bytes = tree.write(random);
    return kind >= 50 && kind < 80 ? damager.mutate(bytes) : bytes;
  }

  private void checkOutside(TreeEventDecoder.Decoded row) {
    same("event_id", row.eventId, out.eventId());
    same("event_time", row.eventTime, out.eventTime);
    same("label", row.label, string(out.label));
    same("copied", row.copied, Arrays.stream(out.copied).map(EventFuzz::string).toList());
    same("cut bags", row.cutBags, out.cutBags);
    same("unknown fields", row.unknownFields, out.unknownFields);
  }

  private static String string(byte[] utf8) {
    return utf8 == null ? null : new String(utf8, UTF_8);
  }

  private void checkBatch(Consumer<String> outcomes) {
    same("rows", expected.size(), batch.rows());
    for (int r = 0; r < expected.size(); r++) {
      TreeEventDecoder.Decoded row = expected.get(r);
      int from = r * batch.numDense();
      float[] dense = Arrays.copyOfRange(batch.dense(), from, from + batch.numDense());
      if (Arrays.compare(dense, row.dense) != 0) { // tells 0.0 from -0.0
        same("dense of " + row.text, Arrays.toString(row.dense), Arrays.toString(dense));
      }
      same("ids of", row, row.bags, Events.bags(batch, r));
      if (batch.isWeighted()) {
        same("weights of", row, row.weights, Events.weights(batch, r));
      }
    }
    scorer.score(batch.dense(), batch.toKeyedJaggedTensor(), logits);
    for (int from = 0; from < expected.size(); ) {
      int to =
          Math.min(expected.size(), from + 1 + (random.nextInt(4) == 0 ? 0 : random.nextInt(16)));
      checkPart(from, to);
      from = to;
    }
    for (int r = 0; r < expected.size(); r++) {
      outcomes.accept(
          Float.isFinite(logits[r]) ? "SCORE" : DeadLetterReason.LOGIT_NOT_FINITE.name());
    }
    batch.clear();
    expected.clear();
    events.clear();
  }

  /** Rows [from, to) as a batch of their own. */
  private void checkPart(int from, int to) {
    part.clear();
    for (byte[] accepted : events.subList(from, to)) {
      try {
        fast.decode(accepted, part, out);
      } catch (RejectedEventException e) {
        throw new AssertionError("accepted once and then rejected", e);
      }
    }
    scorer.score(part.dense(), part.toKeyedJaggedTensor(), partLogits);
    for (int r = from; r < to; r++) {
      float one = partLogits[r - from];
      boolean alike =
          Float.isFinite(one)
              ? Float.floatToRawIntBits(one) == Float.floatToRawIntBits(logits[r])
              : !Float.isFinite(logits[r]);
      if (!alike) {
        same("logit in a batch of " + (to - from) + expected.get(r).text, logits[r], one);
      }
    }
  }

  private static void same(String what, TreeEventDecoder.Decoded row, Object expected, Object got) {
    if (!expected.equals(got)) {
      same(what + " " + row.text, expected, got);
    }
  }

  private static void same(String what, Object expected, Object got) {
    if (!java.util.Objects.equals(expected, got)) {
      throw new AssertionError(what + ": expected " + expected + ", got " + got);
    }
  }

  @Override
  public void finish(Consumer<String> outcomes) {
    if (!expected.isEmpty()) {
      checkBatch(outcomes);
    }
  }

  @Override
  public void close() {
    scorer.close();
    model.close();
  }
}
