package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.Serializable;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** The scoring pipeline with another last stage behind the same micro-batcher; for benchmarks. */
public final class OtherStages {
  private OtherStages() {}

  /** Makes what scores in place of a model's own scorer. */
  public interface Scorers extends Serializable {
    DeepFmScorer open(ServingModel model);
  }

  /** As {@link ScoringPipeline#score}, with other scorers. */
  public static SingleOutputStreamOperator<ScoredEvent> score(
      DataStream<RawEvent> events, ScoringSettings settings, Scorers scorers) {
    return batches(events, settings)
        .transform(
            ScoringPipeline.SCORE,
            new ChainedTypeInfo<>(ScoredEvent.class),
            new Stage<>(parameters -> new OtherScoring(parameters, scorers), OtherScoring.class));
  }

  /** The events themselves, each once its micro-batch is complete. */
  public static SingleOutputStreamOperator<RawEvent> decode(
      DataStream<RawEvent> events, ScoringSettings settings) {
    return batches(events, settings)
        .transform(
            "re-emit",
            new ChainedTypeInfo<>(RawEvent.class),
            new Stage<>(ReEmitting::new, ReEmitting.class));
  }

  private static SingleOutputStreamOperator<MicroBatch<RawEvent>> batches(
      DataStream<RawEvent> events, ScoringSettings settings) {
    return events.transform(
        ScoringPipeline.MICRO_BATCH,
        MicroBatch.type(),
        new MicroBatchOperatorFactory<>(RawEvents.KIND, settings));
  }

  private interface Maker<T> extends Serializable {
    StreamOperator<T> make(StreamOperatorParameters<T> parameters);
  }

  private static final class Stage<T> extends AbstractStreamOperatorFactory<T>
      implements OneInputStreamOperatorFactory<MicroBatch<RawEvent>, T> {
    private static final long serialVersionUID = 1L;

    private final Maker<T> maker;

    @SuppressWarnings("rawtypes")
    private final Class<? extends StreamOperator> type;

    @SuppressWarnings("rawtypes")
    Stage(Maker<T> maker, Class<? extends StreamOperator> type) {
      this.maker = maker;
      this.type = type;
      setChainingStrategy(ChainingStrategy.ALWAYS);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <O extends StreamOperator<T>> O createStreamOperator(
        StreamOperatorParameters<T> parameters) {
      return (O) maker.make(parameters);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
      return type;
    }
  }

  private static final class OtherScoring
      extends ScoringOperator<RawEvent, ScoredEvent, DeadLetter> {
    private static final long serialVersionUID = 1L;

    private final Scorers scorers;

    OtherScoring(StreamOperatorParameters<ScoredEvent> parameters, Scorers scorers) {
      super(parameters, RawEvents.KIND, null);
      this.scorers = scorers;
    }

    @Override
    DeepFmScorer scorerOf(ModelStore.Lease carried) {
      return scorers.open(carried.model());
    }
  }

  private static final class ReEmitting extends AbstractStreamOperator<RawEvent>
      implements OneInputStreamOperator<MicroBatch<RawEvent>, RawEvent> {
    private static final long serialVersionUID = 1L;

    private transient StreamRecord<RawEvent> reuse;

    ReEmitting(StreamOperatorParameters<RawEvent> parameters) {
      super(parameters);
    }

    @Override
    public void open() throws Exception {
      super.open();
      reuse = new StreamRecord<>(null);
    }

    @Override
    public void processElement(StreamRecord<MicroBatch<RawEvent>> element) {
      MicroBatch<RawEvent> batch = element.getValue();
      for (int row = 0; row < batch.rows(); row++) {
        output.collect(reuse.replace(batch.event(row)));
      }
    }
  }
}
