/** `crosspoint/conformance`: one suite per role, and ways to run them (docs/connectors.md). */
export { type AcdHarness, acdConformance } from './acd.ts';
export {
  type CallControlAgent,
  type CallControlHarness,
  callControlConformance,
  type FarEnd,
} from './call-control.ts';
export {
  type CheckConnectorOptions,
  type ConnectorDriver,
  type CreateConformanceDriver,
  type DriverContext,
  suitesOf,
} from './connector.ts';
export {
  type Behaviour,
  type Callee,
  type ConformanceDriver,
  type Connector,
  DEFAULT_PACE,
  type FarCall,
  type FarDevice,
  type Feature,
  type Heard,
  type Pace,
  type SwitchHarness,
} from './harness.ts';
export {
  type CreatePbxDriver,
  pbxConformance,
  type PbxDriver,
  type PbxDriverContext,
  type PbxFarPhone,
  type PbxHarness,
} from './pbx.ts';
export { crmConformance } from './crm.ts';
export {
  type CreateCrmDriver,
  crmSuitesOf,
  type CrmDriverContext,
} from './crm-connector.ts';
export {
  connectCrm,
  type CrmDriver,
  type CrmFeature,
  type CrmHarness,
  type SeenLog,
} from './crm-harness.ts';
export { provisioningConformance } from './provisioning.ts';
export { type CheckResult, type RunOptions, runSuites } from './run.ts';
export { declareSuite, type Suite, type SuiteCheck, type TestRunner } from './suite.ts';
export { switchConformance } from './switch.ts';
