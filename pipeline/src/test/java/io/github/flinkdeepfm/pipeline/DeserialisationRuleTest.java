package io.github.flinkdeepfm.pipeline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.beans.XMLDecoder;
import java.io.ObjectInput;

/** Bytes from outside become objects by formats that are spelt out, never by Java's own. */
@AnalyzeClasses(
    packages = "io.github.flinkdeepfm",
    importOptions = ImportOption.DoNotIncludeTests.class)
class DeserialisationRuleTest {

  @ArchTest
  static final ArchRule nothingIsReadWithObjectStreams =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ObjectInput.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(XMLDecoder.class)
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.apache.flink.util.InstantiationUtil");

  @ArchTest
  static final ArchRule jsonNamesNoClasses =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveSimpleNameStartingWith("PolymorphicTypeValidator")
          .orShould()
          .dependOnClassesThat()
          .haveSimpleName("JsonTypeInfo");
}
