// One configuration for every package. A test's tier is its suffix: .unit.spec (pure, parallel), .int.spec (real Postgres,
// sockets), .kafka.spec (a real broker), .e2e.spec (whole processes). tools/test.mjs runs the tiers one after the other.
const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'es6' },
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
  },
};

export default {
  rootDir: import.meta.dirname,
  roots: [
    '<rootDir>/libs',
    '<rootDir>/services',
    '<rootDir>/bench',
    '<rootDir>/chaos',
    '<rootDir>/sim',
    '<rootDir>/examples',
    '<rootDir>/tools',
  ],
  testEnvironment: 'node',
  // A hung test must end, a slow machine must not fail one.
  testTimeout: 30_000,
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['/node_modules/'],
  testEnvironmentOptions: { customExportConditions: ['@switchyard/source', 'node', 'node-addons'] },
};
