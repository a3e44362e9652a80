/**
 * The JSON of scores and dead letters: values enter, the contract's bytes leave. Read {@link
 * io.github.flinkdeepfm.pipeline.format.ScoreJson} first.
 */
package io.github.flinkdeepfm.pipeline.format;
