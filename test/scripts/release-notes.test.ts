const { releaseNotes } = jest.requireActual<{
  releaseNotes(tag: string, version: string, changelog: string): string;
}>('../../scripts/release-notes');

const changelog = `# Changelog

## Unreleased

## [1.2.3] - 2026-01-31

### Added

- A thing.

## 1.2.2 - 2026-01-01

- Another.
`;

test('the text of a release is its section of the changelog', () => {
  expect(releaseNotes('v1.2.3', '1.2.3', changelog)).toBe('### Added\n\n- A thing.');
  expect(releaseNotes('v1.2.2', '1.2.2', changelog)).toBe('- Another.');
});

test('a tag that is not the version, or that the changelog lacks, is refused with what to do', () => {
  expect(() => releaseNotes('v1.2.4', '1.2.3', changelog)).toThrow(
    'The tag is v1.2.4, and package.json says 1.2.3: tag v1.2.3.',
  );
  expect(() => releaseNotes('v1.2', '1.2', changelog)).toThrow(
    'CHANGELOG.md has no section "## 1.2": rename "## Unreleased" to it.',
  );
  expect(() => releaseNotes('v1.0.0', '1.0.0', '## 1.0.0\n\n## 0.9.0\n')).toThrow('is empty');
});
