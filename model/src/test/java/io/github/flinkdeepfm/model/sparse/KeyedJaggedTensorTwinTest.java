package io.github.flinkdeepfm.model.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Every operation against a twin of plain lists: keys × batch × bag. */
class KeyedJaggedTensorTwinTest {

  /** One key's bags and their weights. */
  private record Row(String key, List<long[]> ids, List<float[]> weights) {}

  private static List<Row> rows(int keys, int batch, Random random) {
    List<Row> rows = new ArrayList<>();
    for (int k = 0; k < keys; k++) {
      List<long[]> ids = new ArrayList<>();
      List<float[]> weights = new ArrayList<>();
      for (int b = 0; b < batch; b++) {
        int n = Math.max(0, random.nextInt(6) - 2);
        ids.add(random.longs(n).toArray());
        float[] bag = new float[n];
        for (int i = 0; i < n; i++) {
          bag[i] = (float) random.nextGaussian();
        }
        weights.add(bag);
      }
      rows.add(new Row("k" + k, ids, weights));
    }
    return rows;
  }

  private static int[] lengths(List<Row> rows) {
    return rows.stream().flatMap(r -> r.ids.stream()).mapToInt(bag -> bag.length).toArray();
  }

  private static long[] values(List<Row> rows) {
    return rows.stream().flatMap(r -> r.ids.stream()).flatMapToLong(Arrays::stream).toArray();
  }

  private static float[] weights(List<Row> rows) {
    List<Float> all = new ArrayList<>();
    rows.forEach(
        r ->
            r.weights.forEach(
                bag -> {
                  for (float w : bag) {
                    all.add(w);
                  }
                }));
    float[] flat = new float[all.size()];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = all.get(i);
    }
    return flat;
  }

  private static KeyedJaggedTensor tensor(List<Row> rows, boolean weighted) {
    List<String> keys = rows.stream().map(Row::key).toList();
    return KeyedJaggedTensor.fromLengthsSync(
        keys, values(rows), lengths(rows), weighted ? weights(rows) : null);
  }

  /** Everything that can be asked of the tensor says what the twin says. */
  private static void assertSame(
      KeyedJaggedTensor got, List<Row> rows, int batch, boolean weighted) {
    int[] lengths = lengths(rows);
    int[] offsets = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    assertThat(got.keys()).isEqualTo(rows.stream().map(Row::key).toList());
    assertThat(got.stride()).isEqualTo(batch);
    assertThat(got.values()).isEqualTo(values(rows));
    assertThat(got.lengths()).isEqualTo(lengths);
    assertThat(got.offsets()).isEqualTo(offsets);
    assertThat(got.weightsOrNull()).isEqualTo(weighted ? weights(rows) : null);
    int[] ofKey = new int[rows.size() + 1];
    for (int k = 0; k < rows.size(); k++) {
      ofKey[k + 1] = offsets[(k + 1) * batch];
      assertThat(got.lengthPerKey()[k]).isEqualTo(ofKey[k + 1] - ofKey[k]);
    }
    assertThat(got.offsetPerKey()).isEqualTo(ofKey);
    for (Row row : rows) {
      Row found = rows.get(got.indexOf(row.key));
      assertThat(found.key).isEqualTo(row.key);
      assertSameBags(got.get(row.key), found, weighted);
      assertSameBags(got.toDict().get(row.key), found, weighted);
    }
  }

  private static void assertSameBags(JaggedTensor got, Row row, boolean weighted) {
    assertThat(Arrays.deepEquals(got.toDense().toArray(), row.ids.toArray())).isTrue();
    if (weighted) {
      assertThat(Arrays.deepEquals(got.toDenseWeights().toArray(), row.weights.toArray())).isTrue();
    }
    assertThat(JaggedTensor.fromDense(got.toDense()).lengths()).isEqualTo(got.lengths());
  }

  @Property(tries = 300)
  void lengthsAndOffsetsFromAnywhereMakeTheSameTensor(
      @ForAll @IntRange(min = 1, max = 5) int keys,
      @ForAll @IntRange(max = 6) int batch,
      @ForAll boolean weighted,
      @ForAll Random random) {
    List<Row> rows = rows(keys, batch, random);
    KeyedJaggedTensor tensor = tensor(rows, weighted);
    assertSame(tensor, rows, batch, weighted);
    int first = random.nextInt(1000);
    int[] offsets = Arrays.stream(tensor.offsets()).map(o -> o + first).toArray();
    assertSame(
        KeyedJaggedTensor.fromOffsetsSync(
            tensor.keys(), tensor.values(), offsets, tensor.weightsOrNull()),
        rows,
        batch,
        weighted);
  }

  @Property(tries = 300)
  void permuteTakesAnyKeysInAnyOrder(
      @ForAll @IntRange(min = 1, max = 5) int keys,
      @ForAll @IntRange(max = 6) int batch,
      @ForAll boolean weighted,
      @ForAll Random random) {
    List<Row> rows = rows(keys, batch, random);
    int[] indices = random.ints(random.nextInt(7), 0, keys).toArray();
    assertSame(
        tensor(rows, weighted).permute(indices),
        Arrays.stream(indices).mapToObj(rows::get).toList(),
        batch,
        weighted);
  }

  @Property(tries = 300)
  void splitAndConcatAreEachOthersInverse(
      @ForAll @IntRange(min = 1, max = 5) int keys,
      @ForAll @IntRange(max = 6) int batch,
      @ForAll boolean weighted,
      @ForAll Random random) {
    List<Row> rows = rows(keys, batch, random);
    KeyedJaggedTensor tensor = tensor(rows, weighted);
    List<Integer> segments = new ArrayList<>();
    for (int left = keys; left > 0; left -= segments.get(segments.size() - 1)) {
      segments.add(random.nextInt(left + 1));
    }
    List<KeyedJaggedTensor> parts =
        tensor.split(segments.stream().mapToInt(Integer::intValue).toArray());
    int from = 0;
    for (int i = 0; i < parts.size(); i++) {
      int to = from + segments.get(i);
      assertSame(parts.get(i), rows.subList(from, to), batch, weighted);
      from = to;
    }
    assertSame(KeyedJaggedTensor.concat(parts), rows, batch, weighted);
  }

  @Property(tries = 200)
  void concatPutsTensorsOneAfterAnother(
      @ForAll @IntRange(min = 1, max = 4) int tensors,
      @ForAll @IntRange(max = 5) int batch,
      @ForAll boolean weighted,
      @ForAll Random random) {
    List<Row> all = new ArrayList<>();
    List<KeyedJaggedTensor> parts = new ArrayList<>();
    for (int t = 0; t < tensors; t++) {
      List<Row> rows = rows(1 + random.nextInt(3), batch, random);
      parts.add(tensor(rows, weighted));
      all.addAll(rows);
    }
    KeyedJaggedTensor got = KeyedJaggedTensor.concat(parts);
    assertThat(got.values()).isEqualTo(values(all));
    assertThat(got.lengths()).isEqualTo(lengths(all));
    assertThat(got.weightsOrNull()).isEqualTo(weighted ? weights(all) : null);
    // Keys repeat: as TorchRec's, the later one is found.
    Map<String, Row> last = new LinkedHashMap<>();
    all.forEach(row -> last.put(row.key, row));
    last.forEach((key, row) -> assertSameBags(got.get(key), row, weighted));
  }

  @Property(tries = 200)
  void aDictOfJaggedTensorsGivesTheTensorBack(
      @ForAll @IntRange(min = 1, max = 5) int keys,
      @ForAll @IntRange(max = 6) int batch,
      @ForAll boolean weighted,
      @ForAll Random random) {
    List<Row> rows = rows(keys, batch, random);
    KeyedJaggedTensor tensor = tensor(rows, weighted);
    assertSame(KeyedJaggedTensor.fromJtDict(tensor.toDict()), rows, batch, weighted);
    int[] everyKey = IntStream.range(0, keys).toArray();
    assertSame(tensor.permute(everyKey), rows, batch, weighted);
  }
}
