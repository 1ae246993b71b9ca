import tseslint from 'typescript-eslint';

/** Forbids imports from the named top rooms; `types` ones may still be imported as types. */
const noImport = (rooms, message, types = false) => ({
  group: rooms.flatMap((room) => [`**/${room}`, `**/${room}/**`]),
  message,
  allowTypeImports: types,
});

const room = (files, ...patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

export default tseslint.config(
  {
    ignores: ['dist/**', 'node_modules/**', 'demo-output/**', 'coverage/**', 'examples/plugin/**'],
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

  // The directions of the house: contracts ← clients ← config ← { watch, artifacts, lineage } ←
  // activities ← plugin ← cli; contracts ← workflows; contracts ← starter ← cli.
  room(['src/contracts/**'], {
    regex: '^(?!\\./)',
    message: 'src/contracts imports nothing outside itself: workflows bundle it.',
  }),
  room(
    ['src/clients/**'],
    noImport(
      [
        'config',
        'watch',
        'artifacts',
        'lineage',
        'plugin',
        'starter',
        'local',
        'cli',
        'activities',
        'workflows',
      ],
      'src/clients stands on src/contracts alone.',
    ),
    { group: ['@temporalio/*'], message: 'The clients know nothing of Temporal.' },
  ),
  room(
    ['src/config/**'],
    noImport(
      ['watch', 'lineage', 'plugin', 'starter', 'local', 'cli', 'activities', 'workflows'],
      'src/config stands on contracts, clients and artifacts.',
    ),
  ),
  room(
    ['src/watch/**'],
    noImport(
      [
        'clients',
        'config',
        'artifacts',
        'lineage',
        'plugin',
        'starter',
        'local',
        'cli',
        'activities',
        'workflows',
      ],
      'src/watch knows no vendor.',
    ),
    { group: ['@temporalio/*'], message: 'The watcher knows nothing of Temporal.' },
  ),
  room(
    ['src/artifacts/**', 'src/lineage/**'],
    noImport(
      ['config', 'watch', 'plugin', 'starter', 'local', 'cli', 'activities', 'workflows'],
      'artifacts and lineage stand on contracts and clients.',
    ),
    { group: ['@temporalio/*'], message: 'artifacts and lineage know nothing of Temporal.' },
  ),
  room(
    ['activities/**'],
    noImport(
      ['plugin', 'starter', 'local', 'cli', 'workflows'],
      'activities stand below plugin and cli.',
    ),
  ),
  room(
    ['workflows/**'],
    noImport(['activities'], 'workflows import activities as types only.', true),
    noImport(
      ['clients', 'config', 'watch', 'artifacts', 'lineage', 'plugin', 'starter', 'local', 'cli'],
      'workflows import @temporalio/workflow and src/contracts.',
    ),
    { regex: '^(node:|undici$|zod$|yaml$)', message: 'not in the workflow sandbox' },
  ),
  room(
    ['src/starter/**'],
    noImport(
      ['plugin', 'local', 'cli', 'activities', 'watch'],
      'src/starter stands below the CLI.',
    ),
    noImport(['workflows'], 'the starter names workflows by type only.', true),
  ),
  room(
    ['src/plugin/**'],
    noImport(['local', 'cli', 'starter'], 'src/plugin stands below the CLI.'),
  ),
  room(
    ['src/local/**'],
    noImport(
      [
        'clients',
        'config',
        'watch',
        'artifacts',
        'lineage',
        'plugin',
        'starter',
        'cli',
        'contracts',
        'activities',
        'workflows',
      ],
      'src/local shares nothing with the clients: a misreading on both sides would hide itself.',
    ),
  ),
  {
    files: ['test/**'],
    rules: {
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
