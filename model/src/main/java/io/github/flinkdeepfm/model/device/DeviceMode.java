package io.github.flinkdeepfm.model.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which implementation scores. */
public enum DeviceMode {
  /** The device where ND4J's backend has one (CUDA), else the host. */
  AUTO,
  /** Mapped tables and plain loops on the host. */
  HOST,
  /**
   * ND4J operations on the backend's device. Without one it is an error, never a silent fall back:
   * on the CPU backend too, unless {@link Device#BUDGET_PROPERTY} makes the CPU stand for a device.
   */
  DEVICE;

  /** System property that decides where nothing else does. */
  public static final String PROPERTY = "flinkdeepfm.device";

  /** As it stands in configuration: lower case. Empty if it is none of them. */
  public static Optional<DeviceMode> named(String name) {
    return Arrays.stream(values()).filter(m -> m.toString().equals(name)).findFirst();
  }

  /**
   * The system property {@value #PROPERTY}; {@link #AUTO} without it.
   *
   * @throws IllegalArgumentException if it names none of them
   */
  public static DeviceMode ofProcess() {
    String name = System.getProperty(PROPERTY, AUTO.toString());
    return named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "system property "
                        + PROPERTY
                        + ": expected one of "
                        + Arrays.stream(values())
                            .map(DeviceMode::toString)
                            .collect(Collectors.joining(", "))
                        + ", got "
                        + name));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
