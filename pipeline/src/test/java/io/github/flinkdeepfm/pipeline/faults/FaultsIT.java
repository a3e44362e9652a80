package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.flinkdeepfm.pipeline.faults.FaultStand.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * The fault suite, {@code mvn verify -Pfaults}: on one cluster of several processes, every fault by
 * itself while versions are published, faults together under a pinned version, and an overload.
 * Everything that is random comes from the seed {@code -Dfaults.seed}; {@code
 * -Dfaults.only=TOPIC_CHANGED,RESCALED} inflicts these alone, one after the other. The timeouts add
 * up to 35 minutes.
 */
@Tag("faults")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultsIT {
  private static final long SEED = Long.getLong("faults.seed", 6);

  /** Names of faults, for a look at these alone. */
  private static final Set<String> ONLY =
      Set.of(System.getProperty("faults.only", "").split("[, ]+")).stream()
          .filter(name -> !name.isEmpty())
          .collect(Collectors.toSet());

  private static final int COMBINATIONS = 3;
  private static final String CALM = "calm";
  private static final Shape EACH = new Shape("each", 1024, FaultStand.CANARY, "rows: 256", 2000);
  private static final Shape PINNED =
      new Shape("pinned", 1024, ", pin: \"000001\"", "rows: 256", 2000);

  private static final FaultReport REPORT = new FaultReport();
  private static ClusterProcesses cluster;

  @BeforeAll
  static void start() throws Exception {
    System.out.println("seed " + SEED);
    cluster = new ClusterProcesses("suite", 2);
    List<String> topics = new ArrayList<>();
    for (Shape shape : List.of(EACH, PINNED, Overload.SHAPE)) {
      topics.addAll(shape.topics());
    }
    topics.addAll(FaultStand.outputTopics(CALM));
    cluster.start(2, topics);
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.close();
    System.out.println(REPORT.table());
    REPORT.write(Path.of("target", "faults.json"), SEED);
  }

  @Test
  @Order(1)
  @Timeout(1200)
  void everyFaultByItselfWhileVersionsArePublished() throws Exception {
    try (FaultStand stand = new FaultStand(cluster, EACH, SEED, REPORT)) {
      stand.start(2, true);
      for (Fault fault : Fault.values()) {
        if (ONLY.isEmpty() || ONLY.contains(fault.name())) {
          stand.strike(fault, true);
        }
      }
      stand.job().cancel();
    }
  }

  @Test
  @Order(2)
  @Timeout(300)
  void faultsTogetherChangeNoBitOfAPinnedVersion() throws Exception {
    assumeTrue(ONLY.isEmpty());
    Random random = new Random(SEED);
    try (FaultStand stand = new FaultStand(cluster, PINNED, SEED, REPORT)) {
      stand.start(2, false);
      for (int i = 0; i < COMBINATIONS; i++) {
        List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
        faults.removeIf(Fault::isOperation);
        Collections.shuffle(faults, random);
        strikeTogether(stand, faults.subList(0, 2 + random.nextInt(2)), random);
      }
      stand.job().awaitRunning();
      stand.strike(Fault.RESCALED, false);
      stand.assertSameAsWithoutFaults(CALM);
    }
  }

  private static void strikeTogether(FaultStand stand, List<Fault> faults, Random random)
      throws Exception {
    List<Long> delays = faults.stream().map(f -> (long) random.nextInt(4000)).toList();
    StringBuilder name = new StringBuilder("together:");
    for (int i = 0; i < faults.size(); i++) {
      name.append(" %s at %.1f s;".formatted(faults.get(i).name(), delays.get(i) / 1e3));
    }
    stand.strike(
        name.toString(),
        false,
        () -> {
          List<CompletableFuture<Void>> running = new ArrayList<>();
          for (int i = 0; i < faults.size(); i++) {
            Fault fault = faults.get(i);
            long delay = delays.get(i);
            running.add(Background.run("fault", () -> inflict(fault, delay, stand)));
          }
          running.forEach(CompletableFuture::join);
        });
  }

  private static void inflict(Fault fault, long delayMillis, FaultStand stand) {
    try {
      Thread.sleep(delayMillis);
      fault.inflict(stand);
    } catch (Exception e) {
      throw new CompletionException(fault.toString(), e);
    }
  }

  @Test
  @Order(3)
  @Timeout(600)
  void anOverloadIsAbsorbedByFullBatchesWithoutLossOrGrowth() throws Exception {
    assumeTrue(ONLY.isEmpty());
    try (FaultStand stand = new FaultStand(cluster, Overload.SHAPE, SEED, REPORT)) {
      stand.start(1, false);
      Overload overload = new Overload(stand);
      overload.run();
      assertThat(overload.fillBefore()).isLessThan(Overload.BATCH_ROWS / 2.0);
      assertThat(overload.fillUnderLoad()).isGreaterThan(Overload.BATCH_ROWS * 0.8);
      assertThat(overload.heldBytes()).isLessThan(16L << 20);
      assertThat(overload.growthBytes()).isLessThan(64L << 20);
      assertThat(overload.restarts()).isZero();
      stand.job().cancel();
    }
  }
}
