package io.github.flinkdeepfm.operators;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The operators use refresh and storage, never the other way round. */
@AnalyzeClasses(
    packages = "io.github.flinkdeepfm.operators",
    importOptions = ImportOption.DoNotIncludeTests.class)
class PackageRuleTest {

  @ArchTest
  static final ArchRule nothingBelowKnowsTheOperators =
      noClasses()
          .that()
          .resideInAnyPackage("..operators.refresh", "..operators.storage", "..operators.metrics")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.flinkdeepfm.operators");
}
