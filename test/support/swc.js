/** How a source becomes JavaScript, for Jest as for `ts-loader.js`: a source file means the same under both. */
export const SWC_OPTIONS = {
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
};
