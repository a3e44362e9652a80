package io.github.flinkdeepfm.model.device;

/**
 * What went between host and device.
 *
 * @param crossings arrays that were copied, either way
 * @param bytesIn bytes to the device
 * @param bytesOut bytes from it
 */
public record TransferCounts(long crossings, long bytesIn, long bytesOut) {

  /** What went since an earlier count. */
  public TransferCounts since(TransferCounts earlier) {
    return new TransferCounts(
        crossings - earlier.crossings, bytesIn - earlier.bytesIn, bytesOut - earlier.bytesOut);
  }
}
