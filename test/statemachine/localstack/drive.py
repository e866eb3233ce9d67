"""Runs cases on the interpreter inside LocalStack, without LocalStack: its classes, fed with a definition and mocks.

    drive.py JOB.json > RESULT.json

JOB: {"mockConfig": {...}, "machines": {name: definition}, "cases": [{"name", "machine", "input"}]}
RESULT: {case: {"status", "error", "cause", "output", "path", "sent": {state: [parameters]}, "executionArn", "events"}}
"""

import functools
import json
import logging
import sys
import types
from multiprocessing import Pool


def leave_out(name, **attributes):
    """Puts an empty module where LocalStack imports something that no state of ours reaches."""
    module = sys.modules[name] = types.ModuleType(name)
    module.__dict__.update(attributes)
    return module


# JSONata runs in a JVM that LocalStack downloads. EventBridge and Batch bring hundreds of megabytes, for two names.
leave_out("localstack.services.stepfunctions.packages", jpype_jsonata_package=None)
leave_out("jpype").imports = leave_out("jpype.imports")
leave_out("localstack.services.events.utils", to_json_str=lambda value, **more: json.dumps(value, **more))
leave_out("moto")
leave_out("moto.batch")
leave_out("moto.batch.utils", JobStatus=types.SimpleNamespace(SUCCEEDED="SUCCEEDED", FAILED="FAILED"))

from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import (  # noqa: E402
    StatesErrorName,
)
from localstack.services.stepfunctions.asl.component.common.retry import retrier_decl  # noqa: E402
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task import (  # noqa: E402
    local_mock_eval_utils,
)
from localstack.services.stepfunctions.asl.component.state.state_fail import state_fail  # noqa: E402
from localstack.services.stepfunctions.asl.eval.evaluation_details import (  # noqa: E402
    AWSExecutionDetails,
    EvaluationDetails,
    ExecutionDetails,
    StateMachineDetails,
)
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser  # noqa: E402
from localstack.services.stepfunctions.asl.utils import json_path  # noqa: E402
from localstack.services.stepfunctions.backend.execution_worker import SyncExecutionWorker  # noqa: E402
from localstack.services.stepfunctions.backend.execution_worker_comm import (  # noqa: E402
    ExecutionWorkerCommunication,
)
from localstack.services.stepfunctions.local_mocking import mock_config, mock_config_file  # noqa: E402

CustomErrorName = local_mock_eval_utils.CustomErrorName


def error_name(name):
    """A mock or a Fail state may say the interpreter's own names, which it otherwise refuses to take from outside."""
    return StatesErrorName.from_name(name) if name.startswith("States.") else CustomErrorName(name)


# Each of these is explained in exchanges.json.
local_mock_eval_utils.CustomErrorName = state_fail.CustomErrorName = error_name
retrier_decl.time = types.SimpleNamespace(sleep=lambda seconds: None)
# Parsed anew in each execution, a definition takes half a second and a path milliseconds. Only the speed differs.
AmazonStateLanguageParser.parse = functools.lru_cache(maxsize=None)(AmazonStateLanguageParser.parse)
json_path.parse = functools.lru_cache(maxsize=None)(json_path.parse)


class Silence(ExecutionWorkerCommunication):
    def terminated(self):
        pass


job = {}


def set_job(given):
    """In each process of the pool."""
    job.update(given, config=mock_config_file.RawMockConfig.model_validate(given["mockConfig"]))


def run(case):
    account, region, role = "000000000000", "us-east-1", "arn:aws:iam::000000000000:role/playlist-lake"
    machine = f"arn:aws:states:{region}:{account}:stateMachine:playlist-lake"
    execution = f"arn:aws:states:{region}:{account}:execution:playlist-lake:{case['name']}"
    worker = SyncExecutionWorker(
        evaluation_details=EvaluationDetails(
            AWSExecutionDetails(account, region, role),
            ExecutionDetails(execution, case["name"], role, case["input"], "2026-11-23T06:00:00.000Z"),
            StateMachineDetails(machine, "playlist-lake", "STANDARD", json.dumps(job["machines"][case["machine"]])),
        ),
        exec_comm=Silence(),
        cloud_watch_logging_session=None,
        activity_store={},
        local_mock_test_case=mock_config._mock_test_case_from_raw(case["machine"], case["name"], job["config"]),
    )
    worker.start()
    return {**read_history(worker.env.event_manager.get_event_history()), "executionArn": execution}


def read_history(events):
    path, sent = [], {}
    for event in events:
        entered, scheduled = event.get("stateEnteredEventDetails"), event.get("taskScheduledEventDetails")
        if entered:
            path.append(entered["name"])
        if scheduled:
            sent.setdefault(path[-1], []).append(json.loads(scheduled["parameters"]))
    last = events[-1]
    failed = last.get("executionFailedEventDetails") or {}
    output = (last.get("executionSucceededEventDetails") or {}).get("output")
    status = {"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED"}.get(last["type"], last["type"])
    return {"status": status, "error": failed.get("error"), "cause": failed.get("cause"),
            "output": None if output is None else json.loads(output), "path": path, "sent": sent, "events": len(events)}


def main(job_file):
    logging.disable(logging.CRITICAL)
    with open(job_file, encoding="utf-8") as file:
        given = json.load(file)
    with Pool(initializer=set_job, initargs=(given,)) as pool:
        results = pool.map(run, given["cases"], chunksize=1)
    json.dump({case["name"]: result for case, result in zip(given["cases"], results)}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
