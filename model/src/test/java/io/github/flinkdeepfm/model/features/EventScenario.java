package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An event layout, an encoding and a model's shape that events are made and decoded for. */
record EventScenario(
    String name, EventMapping mapping, FeaturesConfig features, ModelConfig model) {

  static final String[] ALL = {"id", "mod", "drop", "hash", "hex", "words", "bucket"};

  /** Every encoding and every transform; takes more options of the last feature. */
  static final String EVERYTHING =
      """
      {"dense":[{"name":"a","transforms":["log1p"],"default":0.0},
                {"name":"b","transforms":[{"standardize":{"mean":3,"std":2.5}}],"default":-1},
                {"name":"c","source":"/x/y~1z","transforms":[{"clip":{"min":-5,"max":1e3}},"log1p"],
                 "default":4},
                {"name":"d"}],
       "sparse":[{"name":"id","encoding":"id"},
                 {"name":"mod","encoding":"id","on_out_of_range":"modulo","max_length":2},
                 {"name":"drop","encoding":"id","on_out_of_range":"drop"},
                 {"name":"hash","encoding":"hash","seed":4294967295,"buckets":37,"offset":50},
                 {"name":"hex","encoding":"hex"},
                 {"name":"words","encoding":"vocabulary","vocabulary":["red","grün","😀",""],
                  "max_length":3},
                 {"name":"bucket","encoding":"bucketize","boundaries":[-1.5,0,0.1,7]%s}]}
      """;

  /** What is optional in encodings; takes the signedness of the hash. */
  static final String LENIENT =
      """
      {"dense":[{"name":"a","transforms":["log1p"],"default":0.0},{"name":"b","default":-1},
                {"name":"c","source":"/x/y~1z","default":4},{"name":"d"}],
       "sparse":[{"name":"id","encoding":"id","accept":["string","float"],"default":7},
                 {"name":"mod","encoding":"id","on_out_of_range":"modulo","max_length":2,
                  "accept":["float","string"],"default":["-3",250.0]},
                 {"name":"drop","encoding":"id","on_out_of_range":"drop","accept":["string"],
                  "default":[]},
                 {"name":"hash","encoding":"hash","seed":3,"buckets":37,"offset":50,
                  "signedness":"%s","accept":["string","float"],"default":[""]},
                 {"name":"hex","encoding":"hex","width":32,"default":"0"},
                 {"name":"words","encoding":"vocabulary","vocabulary":["red","grün","😀",""],
                  "max_length":3,"default":["red","x",""]},
                 {"name":"bucket","encoding":"bucketize","boundaries":[-1.5,0,0.1,7],
                  "default":-0.5}]}
      """;

  private static final String NESTED =
      """
      {"dense":[{"name":"a","source":"/user/é/m~0n/0"},
                {"name":"b","source":"/user/é/m~0n/1","default":1e30,
                 "transforms":[{"clip":{"min":-1,"max":1}}]},
                {"name":"c","source":"/x//y","default":0}],
       "sparse":[{"name":"p","source":"/user/clicks/last/ids","encoding":"hash","max_length":4},
                 {"name":"q","source":"/","encoding":"id","on_out_of_range":"drop"},
                 {"name":"r","source":"/user/a~1b","encoding":"hex"}]}
      """;

  /** All of them; files are written below {@code folder}. */
  static List<EventScenario> all(Path folder) {
    EventMapping nested =
        new EventMapping(
            "/user/id", "/meta/at", TimeFormat.EPOCH_S, null, List.of("/user"), 4000, 40);
    EventMapping tight =
        new EventMapping(null, "/event_time", TimeFormat.ISO8601, "/label", List.of(), 180, 3);
    return List.of(
        of(folder, "default", null, 5, false, EventMapping.DEFAULT, "C1", "C2", "C3"),
        of(folder, "default weighted", null, 2, true, EventMapping.DEFAULT, "C1", "C2"),
        of(
            folder,
            "all encodings",
            EVERYTHING.formatted(",\"max_length\":4"),
            4,
            false,
            mapping(TimeFormat.EPOCH_MS, 12, "/extra", "/x/k"),
            ALL),
        of(
            folder,
            "all, weighted",
            EVERYTHING.formatted(""),
            4,
            true,
            mapping(TimeFormat.EPOCH_S, 14),
            ALL),
        of(
            folder,
            "shared pointers",
            EVERYTHING.formatted(",\"source\":\"/sparse/id\",\"weights_source\":\"/weights/id\""),
            4,
            true,
            mapping(TimeFormat.ISO8601, 100, "/x", "/dense/a", "/sparse/id", "/sparse"),
            ALL),
        of(
            folder,
            "lenient",
            LENIENT.formatted("signed"),
            4,
            false,
            mapping(TimeFormat.EPOCH_MS, 12),
            ALL),
        of(
            folder,
            "lenient, weighted",
            LENIENT.formatted("abs"),
            4,
            true,
            mapping(TimeFormat.EPOCH_MS, 14),
            ALL),
        of(folder, "nested sources", NESTED, 3, false, nested, "p", "q", "r"),
        of(folder, "tight limits", null, 1, true, tight, "C1", "C2"));
  }

  private static EventMapping mapping(TimeFormat format, int maxIds, String... copy) {
    return new EventMapping(
        "/event_id", "/event_time", format, "/label", List.of(copy), 3000, maxIds);
  }

  private static EventScenario of(
      Path folder,
      String name,
      String features,
      int numDense,
      boolean weighted,
      EventMapping mapping,
      String... keys) {
    ModelConfig model = Events.model(numDense, weighted, 100, keys);
    FeaturesConfig config = FeaturesConfig.defaults(model);
    if (features != null) {
      try {
        config = Events.features(Files.createTempDirectory(folder, "features"), model, features);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new EventScenario(name, mapping, config, model);
  }
}
