export { logContract, type LogFixture, type MemberOptions, type TestMember } from './log-contract.js';
export { until } from './until.js';
