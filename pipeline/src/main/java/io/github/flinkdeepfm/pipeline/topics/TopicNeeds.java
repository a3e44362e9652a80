package io.github.flinkdeepfm.pipeline.topics;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.Options;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * What a job asks of its topics.
 *
 * @param kafka client properties; {@code toString} hides the secrets among them
 * @param outputBytes most bytes of what an event gives its score
 * @param largestScore most bytes of a score's record
 * @param largestDeadLetter most bytes of a dead letter's record
 * @param transactionMillis the transactions' timeout; 0 without transactions
 */
public record TopicNeeds(
    String job,
    Options kafka,
    String events,
    String scores,
    String deadLetters,
    long outputBytes,
    long largestScore,
    long largestDeadLetter,
    long transactionMillis)
    implements Serializable {

  public static TopicNeeds of(JobConfig config) {
    JobConfig.Scores scores = config.scores();
    return new TopicNeeds(
        config.job(),
        config.kafka(),
        config.events().topic(),
        scores.topic(),
        config.deadLetterTopic(),
        config.scoring().outputLimit(),
        config.largestScore(),
        config.largestDeadLetter(),
        scores.delivery() == DeliveryGuarantee.EXACTLY_ONCE
            ? scores.transactionTimeout().toMillis()
            : 0);
  }

  /** In the order in which they are told. */
  List<String> topics() {
    return List.of(events, scores, deadLetters);
  }
}
