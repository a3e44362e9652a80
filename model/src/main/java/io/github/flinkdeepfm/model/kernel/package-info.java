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
 *       products in the order of the inputs: where the outputs are a multiple of 16, tiles of 8 to
 *       64 rows and the plain loops of {@link io.github.flinkdeepfm.model.kernel.JavaLinearTile}
 *       agree; elsewhere some do, and RowTiles keeps those. With PyTorch's own layout, which means
 *       a transposed operand, tiles under 32 rows did not.
 *   <li><b>Weights in blocks.</b> Up to a million multiply-adds OpenBLAS multiplies without packing
 *       its operands. A layer is cut into blocks of at most 448 inputs and 64 outputs (more where
 *       the inputs are fewer), each without gaps in memory ({@link
 *       io.github.flinkdeepfm.model.kernel.LinearBlocks}), so that this holds for wide layers too:
 *       the deep layer of shape L takes 9.3 µs a row in tiles of 8, 16 or 32 rows; as one call it
 *       took 44, 26 and 19, and 10.7 in tiles of 256.
 *   <li><b>BLAS without ND4J around it.</b> A call through ND4J costs 10 to 20 µs beside the
 *       arithmetic, one to the same library's {@code cblas_sgemm} well under one.
 *   <li><b>Row-major throughout.</b> Bags are pooled straight into the row-major input of the deep
 *       layer; the bias is what the GEMM starts from, ReLU and over-arch run along rows. ND4J's
 *       {@code gather} and {@code segment_sum} cost 0.6 and 2.9 µs a row.
 *   <li><b>Loops over whole arrays.</b> Java 17's JIT vectorises a loop over arrays from their
 *       beginning, and leaves one scalar whose arrays begin at different variable offsets: adding
 *       four rows of 512 takes 60 ns and 370. Hence arrays for rows that are added ({@link
 *       io.github.flinkdeepfm.model.modules.Rows}): projected rows, a bag's rows, the weights of an
 *       input. One row of 1728x512 takes 57 µs in plain loops, 235 with offsets.
 *   <li><b>Reads ahead.</b> The first and the last byte of the next 64 rows of a table are read
 *       before the first of them is copied, so that many misses are under way at once; by address,
 *       because a buffer's checks fill the window in which the CPU looks for further misses. Of 665
 *       MB of tables a row of 64 bytes takes 49 ns without, 25 with; one of 256 bytes 79 and 69.
 *       Reading every line ahead is slower than reading none (100 ns), and 128 rows ahead are more
 *       than 64 by half.
 *   <li><b>Projected tables.</b> From D=32 on, small tables are multiplied by their columns of the
 *       deep layer when a version is loaded ({@link
 *       io.github.flinkdeepfm.model.kernel.Projections}); a feature of shape L costs 345 ns in the
 *       GEMM and 20 to 60 as a row to add. Below that D it does not pay: for D=16 the GEMM's share
 *       is 9 ns. With 5 ids a bag it takes as long either way: 80 projected rows are 160 KB that no
 *       near cache holds.
 *   <li><b>Sums by BLAS.</b> The JIT makes no vector code of a sum: in eight scalar lanes the two
 *       FM sums of 1728 floats take 451 ns and 512 products 150, BLAS dot products of a row that is
 *       copied to native memory 230 and 40. Narrow rows take as long either way. (Projected rows
 *       and training have {@link io.github.flinkdeepfm.model.kernel.FmSums}.)
 *   <li><b>Turned down:</b> heap tables for serving (garbage collector, 2^31 limit), the Vector API
 *       (an incubator flag on every cluster JVM), one GEMM over the whole batch (bits), heap arrays
 *       handed to BLAS (copied on the way, a fifth slower), tables copied to huge pages (no gain at
 *       170 MB of tables, half the time of a read at 1.4 GB, for twice the memory).
 * </ul>
 */
package io.github.flinkdeepfm.model.kernel;
