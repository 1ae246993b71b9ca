import tseslint from 'typescript-eslint';

const rooms = [
  'contracts',
  'clients',
  'config',
  'watch',
  'artifacts',
  'lineage',
  'calendar',
  'pipeline-files',
  'activities',
  'workflows',
  'plugin',
  'starter',
  'local',
  'cli',
];

/** The rooms that a room may import from, and those of which it may import types; no other. */
const room = (name, { files = `src/${name}/**`, may = [], types = [], packages = [] }) => {
  const other = (allowed) => rooms.filter((one) => one !== name && !allowed.includes(one));
  const group = (forbidden) => forbidden.flatMap((one) => [`**/${one}`, `**/${one}/**`]);
  const stands = may.length === 0 ? 'on itself alone' : `on ${may.join(', ')}`;
  const patterns = [
    { group: group(other([...may, ...types])), message: `${name} stands ${stands}.` },
    ...(types.length > 0
      ? [{ group: group(types), message: 'import types only.', allowTypeImports: true }]
      : []),
    ...packages,
  ];
  return {
    files: [files],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
};

const noTemporal = { group: ['@temporalio/*'], message: 'knows nothing of Temporal.' };

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      'demo-output/**',
      'coverage/**',
      'examples/plugin/**',
      'examples/encryption/**',
      'examples/testing/**',
      // They lie where they can't resolve what they import; the example's test checks their types.
      'examples/third-vendor/files/**',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'no-console': 'error',
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['**/*.{js,cjs}'],
    rules: { '@typescript-eslint/no-require-imports': 'off', 'no-console': 'off' },
  },

  // The directions of the house: contracts ← { clients, watch } ← config ← { artifacts, lineage, calendar } ←
  // pipeline-files ← activities ← plugin ← cli; contracts ← workflows; contracts ← starter ← cli. Nothing upward.
  room('contracts', {
    packages: [{ regex: '^(?!\\./)', message: 'contracts imports nothing outside itself.' }],
  }),
  room('clients', { may: ['contracts'], packages: [noTemporal] }),
  room('config', { may: ['contracts', 'clients', 'watch'], packages: [noTemporal] }),
  room('watch', { may: ['contracts'], packages: [noTemporal] }),
  room('artifacts', { may: ['contracts', 'clients'], packages: [noTemporal] }),
  room('lineage', { may: ['contracts', 'clients', 'artifacts'], packages: [noTemporal] }),
  room('calendar', { may: ['contracts'], packages: [noTemporal] }),
  room('pipeline-files', {
    may: ['contracts', 'clients', 'config', 'artifacts', 'calendar', 'lineage'],
    packages: [noTemporal],
  }),
  room('activities', {
    files: 'activities/**',
    may: [
      'contracts',
      'clients',
      'config',
      'watch',
      'artifacts',
      'lineage',
      'calendar',
      'pipeline-files',
    ],
    packages: [{ regex: '^@temporalio/(worker|workflow)', message: "no activity's affair." }],
  }),
  room('workflows', {
    files: 'workflows/**',
    may: ['contracts'],
    types: ['activities'],
    packages: [
      { regex: '^(?!@temporalio/workflow$|\\.)', message: 'not in the workflow sandbox.' },
    ],
  }),
  room('plugin', {
    may: ['contracts', 'clients', 'config', 'watch', 'artifacts', 'lineage', 'activities'],
  }),
  // It reads logs while they are written; of the workflows it knows the types.
  room('starter', {
    may: ['contracts', 'artifacts', 'calendar'],
    types: ['workflows'],
    packages: [{ regex: '^@temporalio/(worker|workflow)', message: 'the client side only.' }],
  }),
  // A misreading that the stand-ins shared with the clients would hide itself.
  room('local', {}),
  // Only the command line, tests and examples use the stand-ins.
  room('index', {
    files: 'src/index.ts',
    may: rooms.filter((one) => one !== 'local' && one !== 'cli' && one !== 'workflows'),
  }),
  {
    files: ['test/**'],
    rules: {
      // Tests read answers as they come.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
