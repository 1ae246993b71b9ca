export * from 'temporal-remote-jobs/workflows';
