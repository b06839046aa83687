"""The same decisions by regorus in its process: facts in on standard input, decisions a second out; run by its own Python."""

import json
import sys
import time

import regorus

RULES = """
package sammati
import rego.v1

default allowed := false

grant := data.grants[input.person][input.signal]

allowed if {
    input.signal in data.declared
    not input.person in data.minors
    not opted_out
    grant.status in {"given", "renewed"}
    input.now < grant.expires
    grant.given <= input.moment
    not grant.superseded
    grant.same_job
    grant.open
}

opted_out if {
    some no in data.noes[input.person]
    no.signal in {"", input.signal}
    no.application in {"", input.application}
}
"""


def main() -> None:
    job = json.load(sys.stdin)
    engine = regorus.Engine()
    engine.add_policy("sammati.rego", RULES)
    engine.add_data_json(json.dumps(job["data"]))
    questions = [json.dumps(question) for question in job["questions"]]
    answers = []
    for question in questions:
        engine.set_input_json(question)
        answers.append(engine.eval_rule("data.sammati.allowed"))
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < job["seconds"]:
        for question in questions:
            engine.set_input_json(question)
            engine.eval_rule("data.sammati.allowed")
        done += len(questions)
    print(json.dumps({"per_second": done / (time.perf_counter() - began), "answers": answers}))


main()
