package io.github.flinkdeepfm.model.device;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Contents of arrays cross in one class, and operations are run in one. */
@AnalyzeClasses(
    packages = "io.github.flinkdeepfm.model.device",
    importOptions = ImportOption.DoNotIncludeTests.class)
class DeviceRulesTest {

  /** What touches contents on the host, and arithmetic that would go past the counting. */
  private static final DescribedPredicate<JavaCall<?>> HOST_ACCESS =
      DescribedPredicate.describe(
          "host access to an array or arithmetic on it",
          call -> {
            boolean array = call.getTargetOwner().isAssignableTo(INDArray.class);
            boolean buffer = call.getTargetOwner().isAssignableTo(DataBuffer.class);
            return buffer
                || array
                    && !call.getName().matches("get|reshape|close|shape|rank|length|dataType|size");
          });

  @ArchTest
  static final ArchRule onlyTheTransferTouchesContents =
      noClasses()
          .that()
          .doNotHaveSimpleName("DeviceTransfer")
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  HOST_ACCESS.getDescription(), call -> HOST_ACCESS.test(call)));

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
