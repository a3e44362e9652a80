/**
 * The hot path on the host: columns in, logits out.
 *
 * <p>Read {@link io.github.flinkdeepfm.model.kernel.HostScorer} first. What enters is a batch's
 * dense matrix and its KeyedJaggedTensor; what leaves is one logit a row.
 *
 * <h2>Decisions</h2>
 *
 * Figures are for one thread of an AVX-512 machine (Zen 5) and 26 features; shape S has D=16, H=64,
 * DI=64, shape L D=64, H=512, DI=512.
 *
 * <ul>
 *   <li><b>Bits.</b> A GEMM's rounding may depend on a row's place in the batch and on the batch's
 *       size. {@link io.github.flinkdeepfm.model.kernel.RowTiles} tries row counts when a model is
 *       loaded and keeps those that agree bit for bit; batches are cut and padded to them, and to
 *       plain loops for a single row. {@link io.github.flinkdeepfm.model.kernel.BlasSetup} asks for
 *       OpenBLAS's AVX-512 kernels where the CPU has them.
 *   <li><b>Weights by input.</b> With neither operand transposed, OpenBLAS 0.3.19 adds a row's
 *       products in the order of the inputs whatever the number of rows: tiles of 8 to 1024 rows
 *       and the plain loops of {@link io.github.flinkdeepfm.model.kernel.JavaLinearTile} agree (up
 *       to some 450 inputs, above which only its packed kernels split them). With PyTorch's own
 *       layout, which means a transposed operand, tiles under 32 rows did not, so that 16 rows went
 *       through plain loops: 123 µs a batch for shape S then, 28 µs now.
 *   <li><b>Small tiles for narrow layers.</b> Up to a million multiply-adds OpenBLAS multiplies
 *       without packing its operands: shape S takes 222 ns a row in tiles of 32, 283 in tiles of
 *       256. Wide layers are packed and take the largest tile: shape L 7.7 µs a row at 256 rows,
 *       9.5 at 64.
 *   <li><b>BLAS without ND4J around it.</b> A call through ND4J costs 10 to 20 µs beside the
 *       arithmetic, one to the same library's {@code cblas_sgemm} well under one.
 *   <li><b>Row-major throughout.</b> Bags are pooled straight into the row-major input of the deep
 *       layer; bias, ReLU and over-arch run along rows in loops that the JIT vectorises. ND4J's
 *       {@code gather} and {@code segment_sum} cost 0.6 and 2.9 µs a row.
 *   <li><b>Reads ahead.</b> One byte of every cache line of the next 128 rows of a table is read
 *       before the first of them is copied, so that many misses are under way at once; by address,
 *       because a buffer's checks fill the window in which the CPU looks for further misses. A bag
 *       of one id: 39 ns through buffers, 28 by address with uniform ids (18 and 13 with Zipf ids).
 *       Bags of several ids add up to four rows in one pass (150 ns a bag of 5 before, 95 after).
 *   <li><b>Projected tables.</b> From D=32 on, small tables are multiplied by their columns of the
 *       deep layer when a version is loaded ({@link
 *       io.github.flinkdeepfm.model.kernel.Projections}); a feature of shape L costs 280 ns in the
 *       GEMM and some 100 as a row to add. Below that D it does not pay: for D=16 the GEMM's share
 *       is 9 ns, and scoring without projections is 8% faster with one id a bag, a third with
 *       several.
 *   <li><b>FM sums in eight scalar lanes.</b> 69 ns a row of 432 floats; the JIT makes no vector
 *       code of a sum, and folding a row in four through scratch arrays, which it might, takes 115.
 *   <li><b>Over-arch by hand.</b> Its output has one column: a plain loop is simpler than a GEMM
 *       and batch-invariant by construction.
 *   <li><b>Turned down:</b> heap tables for serving (garbage collector, 2^31 limit), the Vector API
 *       (an incubator flag on every cluster JVM), one GEMM over the whole batch (bits), heap arrays
 *       handed to BLAS (copied on the way, a fifth slower), tables copied to huge pages (no gain at
 *       170 MB of tables, half the time of a read at 1.4 GB, for twice the memory).
 * </ul>
 */
package io.github.flinkdeepfm.model.kernel;
