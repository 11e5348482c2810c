/**
 * What of a record is how sensitive. The table is the rule; a compliance officer may read it from
 * here to the end. An element named in `parts` is of that group; every other element of the type is
 * of the group in `rest`.
 */

/** In the order in which a record's groups are written. */
export const groups = ['identity', 'contact', 'clinical', 'financial', 'administrative'] as const;
export type Group = (typeof groups)[number];

export type Sensitivity = {
  rest: Group;
  parts?: Partial<Record<Group, readonly string[]>>;
};

/** Free content, which may say anything: it goes with the most sensitive group of its type. */
const free = ['text', 'contained', 'extension', 'modifierExtension'] as const;

/** Persons: who they are, how to reach them, and the rest. */
const person = (identity: readonly string[], contact: readonly string[]): Sensitivity => ({
  rest: 'administrative',
  parts: { identity: [...identity, ...free], contact },
});

/** Administration of a patient's care: the parts that tell why the patient comes are clinical. */
const mixed: Record<string, Sensitivity> = {
  Patient: person(
    ['identifier', 'name', 'birthDate', 'deceased[x]', 'photo', 'multipleBirth[x]'],
    ['telecom', 'address', 'contact'],
  ),
  Person: person(['identifier', 'name', 'birthDate', 'photo'], ['telecom', 'address']),
  RelatedPerson: person(['identifier', 'name', 'birthDate', 'photo'], ['telecom', 'address']),
  Appointment: {
    rest: 'administrative',
    parts: {
      clinical: [
        'reasonCode',
        'reasonReference',
        'serviceCategory',
        'serviceType',
        'specialty',
        'description',
        'supportingInformation',
        'comment',
        'patientInstruction',
        'basedOn',
        ...free,
      ],
    },
  },
  AppointmentResponse: { rest: 'administrative', parts: { clinical: ['comment', ...free] } },
  // What a consent permits or forbids may name a diagnosis; that there is one may be seen.
  Consent: {
    rest: 'administrative',
    parts: { clinical: ['provision', 'source[x]', ...free] },
  },
  Provenance: { rest: 'administrative', parts: { clinical: ['reason', ...free] } },
  // Who accessed whose record tells who is a patient, but not what the record says.
  AuditEvent: { rest: 'administrative', parts: { identity: ['entity', ...free] } },
};

/**
 * Money: what was insured, billed, paid. Diagnoses on a claim stay with it, because billing needs
 * them.
 */
const financial = `
  Account ChargeItem Claim ClaimResponse Coverage CoverageEligibilityRequest
  CoverageEligibilityResponse EnrollmentRequest EnrollmentResponse ExplanationOfBenefit
  InsurancePlan Invoice PaymentNotice PaymentReconciliation`;

/**
 * Organizations and their people, traces of the system's own work, definitions and terminology:
 * nothing in them is a fact of a patient's health.
 */
const administrative = `
  Endpoint HealthcareService Location Organization OrganizationAffiliation Practitioner
  PractitionerRole Schedule Slot VerificationResult
  MessageHeader OperationOutcome Subscription
  ActivityDefinition CapabilityStatement CatalogEntry ChargeItemDefinition CodeSystem
  CompartmentDefinition ConceptMap DeviceDefinition EffectEvidenceSynthesis EventDefinition
  Evidence EvidenceVariable ExampleScenario GraphDefinition ImplementationGuide Library Measure
  MedicationKnowledge MessageDefinition NamingSystem ObservationDefinition OperationDefinition
  PlanDefinition Questionnaire ResearchDefinition ResearchElementDefinition ResearchStudy
  RiskEvidenceSynthesis SearchParameter SpecimenDefinition StructureDefinition StructureMap
  TerminologyCapabilities TestReport TestScript ValueSet
  MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication
  MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
  MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
  MedicinalProductUndesirableEffect SubstanceNucleicAcid SubstancePolymer SubstanceProtein
  SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification`;

/** Care, and whatever may carry facts of it: Binary, Bundle, List, Task and their like. */
const clinical = `
  AdverseEvent AllergyIntolerance Basic Binary BiologicallyDerivedProduct BodyStructure Bundle
  CarePlan CareTeam ClinicalImpression Communication CommunicationRequest Composition Condition
  Contract DetectedIssue Device DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport
  DocumentManifest DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal Group
  GuidanceResponse ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
  Linkage List MeasureReport Media Medication MedicationAdministration MedicationDispense
  MedicationRequest MedicationStatement MolecularSequence NutritionOrder Observation Parameters
  Procedure QuestionnaireResponse RequestGroup ResearchSubject RiskAssessment ServiceRequest
  Specimen Substance SupplyDelivery SupplyRequest Task VisionPrescription`;

const whole = (names: string, rest: Group): [string, Sensitivity][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, { rest }]);

/** Every R4 resource type. */
export const sensitivityTable: ReadonlyMap<string, Sensitivity> = new Map([
  ...Object.entries(mixed),
  ...whole(financial, 'financial'),
  ...whole(administrative, 'administrative'),
  ...whole(clinical, 'clinical'),
]);
