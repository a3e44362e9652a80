package io.github.flinkdeepfm.pipeline.format;

import io.github.flinkdeepfm.operators.SourceCoordinates;

/** The {@code source} object, the same in scores and dead letters. */
final class SourceJson {
  private SourceJson() {}

  static void write(SourceCoordinates source, JsonBytes json) {
    json.raw("\"source\":{\"topic\":").string(source.topic());
    json.raw(",\"partition\":").number(source.partition());
    json.raw(",\"offset\":").number(source.offset()).raw("}");
  }
}
