/**
 * The hot path on a device, by ND4J operations alone. In: a batch's dense matrix and its
 * KeyedJaggedTensor. Out: one logit a row. Parameters and tables are put on the device once a
 * version and never read back. Read {@link io.github.flinkdeepfm.model.device.DeviceScorer} first,
 * then {@link io.github.flinkdeepfm.model.device.BagLayout} and {@link
 * io.github.flinkdeepfm.model.device.TableStack}.
 *
 * <p>Executed on ND4J's CPU backend only; never on a GPU.
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>Four crossings a batch</b>, three where every bag has at most one id: f32 (dense, and
 *       behind it weights or the divisors of MEAN), I64 (ids, as rows of the stacks), I32 (the
 *       bags' offsets, spelled out as places of rows); logits out. Row offsets and changed rows are
 *       resolved on the host while ids are copied anyway, so they cost the device nothing.
 *   <li><b>{@code gather_nd}, not {@code gather}</b>, whose CUDA helper, as its source reads,
 *       writes down the offsets of all rows of a table on the host and copies them to the device at
 *       each call: a crossing of 8 bytes a table row that no count here would show. On the CPU both
 *       give the same bits. What operations send for themselves (shapes, arguments) is not counted.
 *   <li><b>Two turns of input buffers.</b> {@link DeviceScorer#submit} puts the next batch together
 *       while the one before is under way. ND4J's custom operations wait for their stream on CUDA,
 *       as their source reads, so what overlaps there has to be tried on a GPU; the scoring
 *       operator scores one batch after the other.
 *   <li><b>At most 24 operations</b> for bags of up to 65,536 ids, whatever F is; 11 where every
 *       bag has at most one id of an FP32 table, 14 for ragged bags. Two more for each factor of
 *       512 beyond, and for layers of width 1.
 *   <li><b>Gathers and reductions instead of {@code unsorted_segment_sum}.</b> That costs 0.8 µs a
 *       row on the CPU (a gather 0.08), and its CUDA kernel, as its source reads, adds with
 *       atomics: an event's bits would depend on the schedule. Here a bag's sum is a fixed tree
 *       over its own ids: chunks of 8, groups of 16 and of 512 of those.
 *   <li><b>Bits.</b> Gathers and reductions give a row the same bits in every batch (tested on the
 *       CPU). GEMMs need not: {@link io.github.flinkdeepfm.model.device.RowCounts} tries row counts
 *       with the model's own layers when it is loaded. With OpenBLAS's AVX-512 kernels they agree
 *       from 96 rows up (shape D=16 H=64 DI=64), and batches are padded to that. With its AVX2
 *       kernels, whose rounding depends on a row's place at 32 rows and more, none do: then the
 *       fingerprint says {@code rows=any}, and only the host path is batch-invariant there.
 *   <li><b>FP16 tables</b> are gathered as f16, summed in f32 and rounded by a cast to f16 and back
 *       (bit-equal to round to nearest, ties to even); in a model that has both types their
 *       features stand last, so that they are one block of columns. <b>BF16 tables</b> are widened
 *       when they are loaded, at twice the memory.
 *   <li><b>Refresh.</b> Versions that differ by deltas share one {@link
 *       io.github.flinkdeepfm.model.device.TableStack}; each delta's rows lie in its spare rows
 *       until the last version with them is closed. If the spare rows (an eighth of the stack) do
 *       not suffice, the stack is loaded anew beside the old one; if that does not fit, the version
 *       is refused with bytes needed and free, before anything is transferred. Needed is all of it:
 *       tables, dense parameters, rows on their way, and a batch of 1,024 rows to try it with.
 *   <li><b>Sizes</b> of arrays are rounded up ({@link io.github.flinkdeepfm.model.device.Buckets}),
 *       because ND4J keeps every shape for ever and copies whole buffers.
 *   <li><b>Tables are written by scatter</b>, never through a view: on CUDA a view would make ND4J
 *       allocate a copy of the whole table on the host.
 * </ul>
 */
package io.github.flinkdeepfm.model.device;
