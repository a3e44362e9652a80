package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CreationTimeTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void rightAfterIsAMillisecondLaterOrHalfwayToTheSuccessor() {
    assertThat(rightAfterNoon()).isEqualTo(NOON.plusMillis(1));
    assertThat(rightAfterNoon(NOON.plusSeconds(9))).isEqualTo(NOON.plusMillis(1));
    assertThat(rightAfterNoon(NOON.plusMillis(1))).isEqualTo(NOON.plusNanos(500_000));
    assertThat(rightAfterNoon(NOON.plusNanos(2))).isEqualTo(NOON.plusNanos(1));
  }

  @Test
  void noRoomBeforeTheSuccessorIsRefused() {
    assertThatThrownBy(() -> rightAfterNoon(NOON))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a created_at between those of v0 and v1");
  }

  @Test
  void nothingIsNewerThanTheLastTimeThatAReaderTakes() {
    List<Manifest> last = List.of(version(0, Manifest.LATEST));
    for (ThrowingCallable after :
        List.<ThrowingCallable>of(
            () -> CreationTime.afterAll(last, NOON), () -> CreationTime.rightAfter("v0", last))) {
      assertThatThrownBy(after)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("got v0 of 9999-12-31T23:59:59.999Z: remove that version");
    }
  }

  private static Instant rightAfterNoon(Instant... later) {
    List<Manifest> versions = new ArrayList<>(List.of(version(0, NOON)));
    for (Instant at : later) {
      versions.add(version(versions.size(), at));
    }
    return CreationTime.rightAfter("v0", versions);
  }

  private static Manifest version(int number, Instant createdAt) {
    return new Manifest(
        "v" + number,
        Manifest.Kind.FULL,
        Optional.empty(),
        createdAt,
        List.of(),
        JsonNodeFactory.instance.objectNode());
  }
}
