package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import java.util.ArrayList;
import java.util.List;

/**
 * What was published.
 *
 * @param manifest as written
 * @param rowsChanged table rows that the version carries: those that differ from the base for a
 *     delta, all for a full version
 * @param rows table rows of the model
 * @param modelVerified whether there was a parity sample of the model; it passed then
 * @param encodingVerified whether there was a parity sample of the encoding; it passed then
 */
public record Publication(
    Manifest manifest,
    long rowsChanged,
    long rows,
    boolean modelVerified,
    boolean encodingVerified) {

  /** Size of the version's files, without the manifest. */
  public long bytes() {
    return manifest.files().stream().mapToLong(Manifest.FileEntry::bytes).sum();
  }

  /** What was not checked, as users are told it. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!modelVerified) {
      notes.add("model unverified");
    }
    if (!encodingVerified) {
      notes.add("encoding unverified");
    }
    return notes;
  }
}
