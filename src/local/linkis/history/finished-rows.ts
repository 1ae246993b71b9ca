import type { TaskRow } from './task-row';

const lasted = 4000;

/** Tasks of the user `hadoop` that ended one after the other before the given time, the oldest first. */
export function* finishedRows(
  count: number,
  beforeMs: number,
  instance: string,
): Generator<TaskRow> {
  for (let taskID = 1; taskID <= count; taskID += 1) {
    const createdTime = beforeMs - (count + 2 - taskID) * lasted;
    yield {
      taskID,
      instance,
      execId: `nightly_hadoop_spark_${taskID}`,
      umUser: 'hadoop',
      executeUser: 'hadoop',
      engineInstance: null,
      executionCode: 'insert overwrite table daily select * from events',
      progress: '1.0',
      logPath: null,
      resultLocation: null,
      status: 'Succeed',
      createdTime,
      updatedTime: createdTime + lasted,
      engineType: 'spark',
      errCode: null,
      errDesc: null,
      executeApplicationName: 'spark',
      requestApplicationName: 'nightly',
      runType: 'sql',
      paramsJson: '{}',
      costTime: lasted,
      sourceJson: '{"requestIP":"127.0.0.1"}',
      sourceTailor: '',
      engineStartTime: createdTime,
      labels,
      metrics: null,
      submittedSource: {},
    };
  }
}

const labels = ['engineType:spark-2.4.3', 'userCreator:hadoop-nightly', 'codeType:sql'];
