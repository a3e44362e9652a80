/**
 * DeepFM models in Flink SQL and the Table API: {@code CREATE MODEL … WITH ('provider'='deepfm')}
 * and {@code ML_PREDICT}. In: rows whose columns are named as the model's features. Out: logit,
 * score and model version. Scores with {@link io.github.flinkdeepfm.operators.DirectScorer}. Read
 * {@link io.github.flinkdeepfm.sql.DeepFmModelProviderFactory} first.
 */
package io.github.flinkdeepfm.sql;
