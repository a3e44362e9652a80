package io.github.flinkdeepfm.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipfSamplerTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 207})
  void categoriesAreDrawnAsOftenAsTheLawSays(int categories) {
    SplittableRandom random = new SplittableRandom(3);
    ZipfSampler sampler = new ZipfSampler(categories, 1.1, random);
    int draws = 400_000;
    int[] counts = new int[categories];
    for (int i = 0; i < draws; i++) {
      counts[sampler.next(random)]++;
    }
    for (int c = 0; c < categories; c++) {
      assertThat(counts[c] / (double) draws).isCloseTo(sampler.probability(c), within(0.004));
    }
    double first = IntStream.range(0, categories).mapToDouble(sampler::probability).max().orElse(0);
    double last = IntStream.range(0, categories).mapToDouble(sampler::probability).min().orElse(0);
    assertThat(first / last).isCloseTo(Math.pow(categories, 1.1), within(1e-6 * first / last));
  }
}
