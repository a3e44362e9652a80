/**
 * Training of SimpleDeepFMNN from events.
 *
 * <p>In: events with labels as JSON bytes, or batches of columns with labels. Out: parameters that
 * follow TorchRec's semantics, the logit of every event from before it was learnt from, and the
 * files of a full version for a publisher to announce, whole or as the difference to another.
 *
 * <p>Read {@link io.github.flinkdeepfm.model.training.DeepFmTrainer} first, then {@link
 * io.github.flinkdeepfm.model.training.EventTrainer}.
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>No autodiff.</b> Three Linear layers, bags and the FM term are a page of gradients;
 *       central differences in double and PyTorch's own numbers check them.
 *   <li><b>Sparse updates.</b> A step costs nothing that grows with a table's rows: gradients are
 *       kept for the batch's rows only, and each such row is updated once.
 *   <li><b>The whole batch in one GEMM.</b> Batch invariance, which serving needs, does not matter
 *       here: a run is reproducible because every step makes the same calls.
 *   <li><b>Everything on the heap.</b> Tables change in place, up to 2^31 elements each.
 * </ul>
 */
package io.github.flinkdeepfm.model.training;
