package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringPipeline;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.KafkaEvents;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Runs bounded jobs of the streaming job's own operators in a Flink cluster inside this JVM, one
 * after the other. What they do is told to a {@link Judge} in this JVM.
 */
final class ReplayJob implements AutoCloseable {
  private static final Map<String, Judge> JUDGES = new ConcurrentHashMap<>();

  private final Configuration options;
  private final int parallelism;
  private final ReplayProgress progress;
  private final LocalCluster cluster;

  /**
   * @param config whose Flink options the cluster has
   * @param progress is told of each event
   */
  ReplayJob(JobConfig config, int parallelism, ReplayProgress progress) throws Exception {
    this.progress = progress;
    this.options = options(config);
    this.parallelism = parallelism;
    this.cluster = LocalCluster.start(options, parallelism);
  }

  /** Runs one job to the end of its source. */
  void run(Source<RawEvent, ?, ?> source, ScoringSettings settings, Judge judge) throws Exception {
    String name = UUID.randomUUID().toString();
    JUDGES.put(name, new Watched(judge));
    try {
      StreamExecutionEnvironment env =
          StreamExecutionEnvironment.createLocalEnvironment(parallelism, options);
      DataStream<RawEvent> events =
          env.fromSource(source, WatermarkStrategy.noWatermarks(), "events", KafkaEvents.TYPE)
              .filter(new Wanted(name));
      SingleOutputStreamOperator<ScoredEvent> scored = ScoringPipeline.score(events, settings);
      scored.sinkTo(new Told<>(name, Judge::scored));
      DataStream<DeadLetter> rejected = scored.getSideOutput(ScoringPipeline.DEAD_LETTERS);
      rejected.sinkTo(new Told<>(name, Judge::rejected));
      if (cluster.await(cluster.submit(env.getStreamGraph())).isEmpty()) {
        throw new InterruptedException("the replay job was cancelled");
      }
    } finally {
      JUDGES.remove(name);
    }
  }

  private static Configuration options(JobConfig config) {
    Configuration options = FlinkOptions.of(config);
    options.removeConfig(CheckpointingOptions.CHECKPOINTING_INTERVAL);
    options.removeConfig(RestOptions.PORT); // the live job's, perhaps on this machine
    options.removeConfig(RestOptions.BIND_PORT);
    options.set(PipelineOptions.NAME, config.job() + "-replay");
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    return options;
  }

  @Override
  public void close() {
    cluster.close();
  }

  private final class Watched implements Judge {
    private final Judge judge;

    Watched(Judge judge) {
      this.judge = judge;
    }

    @Override
    public boolean wants(RawEvent event) {
      progress.step();
      return judge.wants(event);
    }

    @Override
    public void scored(ScoredEvent event) {
      judge.scored(event);
    }

    @Override
    public void rejected(DeadLetter letter) {
      judge.rejected(letter);
    }
  }

  private static final class Wanted implements FilterFunction<RawEvent> {
    private static final long serialVersionUID = 1L;

    private final String name;
    private transient Judge judge;

    Wanted(String name) {
      this.name = name;
    }

    @Override
    public boolean filter(RawEvent event) {
      if (judge == null) {
        judge = JUDGES.get(name);
      }
      return judge.wants(event);
    }
  }

  /** A method of {@link Judge}, as a reference that can be serialised. */
  private interface Method<T> extends BiConsumer<Judge, T>, java.io.Serializable {}

  private static final class Told<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final Method<T> method;

    Told(String name, Method<T> method) {
      this.name = name;
      this.method = method;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
      Judge judge = JUDGES.get(name);
      return new SinkWriter<>() {
        @Override
        public void write(T element, Context written) {
          method.accept(judge, element);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
      };
    }
  }
}
