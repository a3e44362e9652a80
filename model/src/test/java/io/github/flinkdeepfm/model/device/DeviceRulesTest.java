package io.github.flinkdeepfm.model.device;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Contents of arrays cross in one class, and operations are run in one. */
@AnalyzeClasses(
    packages = "io.github.flinkdeepfm.model.device",
    importOptions = ImportOption.DoNotIncludeTests.class)
class DeviceRulesTest {
  private static final String ND4J = Nd4j.class.getName();

  /** Arrays of zeros, and what is not about arrays. */
  private static final Set<String> FACTORY =
      Set.of(
          ND4J + ".create(org.nd4j.linalg.api.buffer.DataType, [J, char)",
          ND4J + ".exec(org.nd4j.linalg.api.ops.CustomOp)",
          ND4J + ".getAffinityManager()",
          ND4J + ".getBackend()",
          ND4J + ".getExecutioner()");

  /**
   * What touches contents on the host, and arithmetic that would go past the counting; called or
   * handed on as a method reference.
   */
  private static final DescribedPredicate<JavaAccess<?>> HOST_ACCESS =
      DescribedPredicate.describe(
          "host access to an array or arithmetic on it",
          call -> {
            boolean factory = call.getTargetOwner().isEquivalentTo(Nd4j.class);
            boolean array = call.getTargetOwner().isAssignableTo(INDArray.class);
            boolean buffer = call.getTargetOwner().isAssignableTo(DataBuffer.class);
            boolean pointer =
                call.getTargetOwner().getPackageName().startsWith("org.bytedeco")
                    || call.getTargetOwner().getPackageName().startsWith("java.nio");
            return buffer
                || pointer
                || (factory && !FACTORY.contains(call.getTarget().getFullName()))
                || (array
                    && !call.getName()
                        .matches("get|reshape|close|shape|rank|length|dataType|size"));
          });

  @ArchTest
  static final ArchRule onlyTheTransferTouchesContents =
      noClasses()
          .that()
          .doNotHaveSimpleName("DeviceTransfer")
          .should()
          .accessTargetWhere(HOST_ACCESS);

  /** So that whatever is there is counted, and released with its owner. */
  @ArchTest
  static final ArchRule onlyOneClassAllocates =
      noClasses()
          .that()
          .doNotHaveSimpleName("DeviceArrays")
          .should()
          .accessTargetWhere(
              DescribedPredicate.describe(
                  "ND4J's factory allocates",
                  call ->
                      call.getTargetOwner().isEquivalentTo(Nd4j.class)
                          && call.getName().equals("create")));

  @ArchTest
  static final ArchRule onlyOneClassMakesOperations =
      noClasses()
          .that()
          .doNotHaveSimpleName("DeviceOps")
          .and()
          .doNotHaveSimpleName("OpExecutor")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.nd4j.linalg.api.ops", "org.nd4j.linalg.api.ops.impl..", "org.nd4j.linalg.ops..");
}
