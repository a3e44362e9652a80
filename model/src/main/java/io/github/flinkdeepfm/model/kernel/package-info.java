/**
 * The hot path on the host: columns in, logits out.
 *
 * <p>Read {@link io.github.flinkdeepfm.model.kernel.HostScorer} first. What enters is a batch's
 * dense matrix and its KeyedJaggedTensor; what leaves is one logit a row.
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>Bits.</b> A GEMM's rounding may depend on a row's place in the batch and on the batch's
 *       size. {@link io.github.flinkdeepfm.model.kernel.RowTiles} tries row counts when a model is
 *       loaded and keeps those that agree bit for bit; batches are cut and padded to them. OpenBLAS
 *       0.3.19's AVX-512 kernels agree from 32 rows up, its AVX2 kernels at 8 or 16 only, so {@link
 *       io.github.flinkdeepfm.model.kernel.BlasSetup} asks for the former where the CPU has them.
 *   <li><b>Pool into the GEMM's input.</b> Bags are pooled straight into the row-major input of the
 *       deep layer and the FM sums are taken from it while it is in the cache. ND4J's {@code
 *       gather} and {@code segment_sum} cost 0.6 and 2.9 µs a row on the CPU, a copy 0.02 to 0.08.
 *   <li><b>Column-major outputs.</b> The GEMMs write column-major, so bias, ReLU and the over-arch
 *       run along rows in loops that the JIT vectorises, and the second dense layer takes the first
 *       one's output as it is.
 *   <li><b>Over-arch by hand.</b> Its output has one column: a plain loop of fused multiply-adds is
 *       simpler than a GEMM and batch-invariant by construction.
 *   <li><b>Turned down:</b> heap tables for serving (garbage collector, 2^31 limit), the Vector API
 *       (an incubator flag on every cluster JVM), one GEMM over the whole batch (bits).
 * </ul>
 */
package io.github.flinkdeepfm.model.kernel;
