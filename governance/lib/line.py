"""A line of statements to PostgreSQL: its pipeline mode, spoken through libpq as the driver wraps it (psycopg.pq).

The driver's own pipeline writes and listens at every statement. Here statements gather until somebody wants an answer,
and then go in one piece, so that the server is woken once. Only for what is asked many times a second (decision 0077).
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from select import POLLIN, POLLOUT, poll
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer

MOST = 200  # statements that a connection keeps planned; a hot path has a dozen
ABORTED = pq.ExecStatus.PIPELINE_ABORTED
ROWS = pq.ExecStatus.TUPLES_OK
GOOD = {ROWS, pq.ExecStatus.COMMAND_OK}

Key = tuple[str, tuple[int, ...]]  # a statement, and the types of its values


class Plans:
    """What a connection keeps from one line to the next: how values travel, and which statements are planned."""

    __slots__ = ("driver", "made", "names", "values")

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self.driver = driver
        self.values = Transformer(driver)
        self.names: dict[Key, bytes] = {}
        self.made = 0

    def forget(self) -> None:
        """Outside of any transaction: where there are too many, all are forgotten."""
        if len(self.names) > MOST:
            for name in self.names.values():
                with suppress(psycopg.Error):  # somebody else had it forgotten
                    self.driver.execute(b"DEALLOCATE " + name)  # names of our own making
            self.names.clear()


class Answer:
    """Rows that can be fetched when they are wanted, once or more often."""

    __slots__ = ("_line", "rows")

    def __init__(self, line: "Line") -> None:
        self._line = line
        self.rows: list[Any] | None = None

    def fetchall(self) -> list[Any]:
        """Raises psycopg.Error, of this statement or of one before it."""
        if self.rows is None:
            self._line.hear(self)
        if self.rows is None:
            raise psycopg.ProgrammingError("the statement was not carried out")
        return self.rows


class Line:
    """The statements of one block, from `begin` to `end`; meanwhile nothing else can be asked on this connection.

    `lasting`: its first statement begins a transaction, and what is planned is kept for the next line. Whoever has
    the connection otherwise may have had PostgreSQL forget all plans (the driver does after a rollback): then the first
    statement fails, nothing was done yet, and all is said once more. Within somebody's transaction a failure would end
    it, so that there nothing is kept.
    """

    def __init__(self, plans: Plans, *, lasting: bool = True) -> None:
        self._plans, self._lasting = plans, lasting
        self._server = plans.driver.pgconn
        # Of each result that is still to come: whose it is, of which statement, and whether it is its planning.
        self._to_come: deque[tuple[Answer | None, Key | None, bool]] = deque()
        self._said: list[tuple[str, Sequence[Any], Answer | None]] | None = [] if lasting else None
        self._unsent = False
        self._socket = poll()

    def begin(self) -> None:
        self._server.enter_pipeline_mode()

    def send(self, text: str, values: Sequence[Any], answer: Answer | None) -> None:
        """Gathered, not yet on its way. `text` has $1, $2 … for its values. Raises psycopg.Error for a value that cannot travel."""
        server = self._server
        data: Any = None
        formats: Any = None
        types: tuple[int, ...] = ()
        if values:
            travels = self._plans.values
            data = travels.dump_sequence(values, [PyFormat.AUTO] * len(values))
            types, formats = tuple(travels.types or ()), travels.formats
        self._unsent = True
        if not self._lasting:
            self._to_come.append((answer, None, False))
            server.send_query_params(text.encode(), data, types or None, formats)
            return
        if self._said is not None:
            self._said.append((text, values, answer))
        key = (text, types)
        name = self._plans.names.get(key)
        if name is None:
            self._plans.made += 1
            name = self._plans.names[key] = b"line_%d" % self._plans.made
            self._to_come.append((None, key, True))
            server.send_prepare(name, text.encode(), types or None)
        self._to_come.append((answer, key, False))
        server.send_query_prepared(name, data, formats)

    def hear(self, until: Answer | None = None) -> None:
        """Send what was gathered, and read answers up to this one, or all. Raises the first error, when as much was read."""
        try:
            self._hear(until)
        except psycopg.errors.InvalidSqlStatementName:
            if not self._said:
                raise
            self._server.pipeline_sync()
            self._drained()
            self._say_again()
            self._hear(until)

    def _say_again(self) -> None:
        """What was said before PostgreSQL turned out to have forgotten the plans."""
        said, self._said = self._said or [], None
        self._plans.names.clear()
        for text, values, answer in said:
            self.send(text, values, answer)

    def _hear(self, until: Answer | None) -> None:
        if self._unsent:
            self._server.send_flush_request()
            self._unsent = False
        self._flush()
        while self._to_come:
            answer, key, planning = self._to_come.popleft()
            error = None
            try:
                while (result := self._next()) is not None:
                    error = self._read(result, answer) or error
            except psycopg.Error as gone:  # the connection
                self._to_come.clear()
                raise (error or gone) from None
            if error is not None:
                # What failed is planned anew the next time, whether it was forgotten, never planned, or its table was changed.
                if key is not None and (planning or not isinstance(error, psycopg.errors.PipelineAborted)):
                    self._plans.names.pop(key, None)
                raise error
            self._said = None  # something was done: from now on nothing is said twice
            if until is not None and answer is until:
                return

    def _drained(self) -> psycopg.Error | None:
        """All that was sent before a sync is answered, and the server listens again after an error. Returns the first."""
        first: psycopg.Error | None = None
        self._unsent = False
        while True:
            try:
                self._hear(None)
                break
            except psycopg.Error as error:
                first = first or error
                if self._server.status != pq.ConnStatus.OK:
                    return first
        self._next()  # the answer to the sync
        return first

    def end(self) -> None:
        """Everything was answered. Raises the first error; the pipeline is left in any case, or the connection is closed."""
        try:
            self._server.pipeline_sync()
            first = self._drained()
            if self._said and isinstance(first, psycopg.errors.InvalidSqlStatementName):
                self._say_again()
                self._server.pipeline_sync()
                first = self._drained()
            if self._server.status == pq.ConnStatus.OK:
                self._server.exit_pipeline_mode()
        except BaseException:
            self._plans.driver.close()
            raise
        if first is not None:
            raise first

    def _read(self, result: Any, answer: Answer | None) -> psycopg.Error | None:
        status = result.status
        if status in GOOD:
            if answer is not None:
                values = self._plans.values
                values.set_pgresult(result)
                answer.rows = values.load_rows(0, result.ntuples, tuple) if status == ROWS else []
                values.set_pgresult(None)  # nothing that was read stays here
            return None
        if status == ABORTED:
            return psycopg.errors.PipelineAborted("pipeline aborted")
        return psycopg.errors.error_from_result(result, encoding=self._plans.driver.info.encoding)

    def _next(self) -> Any:
        server = self._server
        while server.is_busy():
            self._wait(POLLIN)
            server.consume_input()
        return server.get_result()

    def _flush(self) -> None:
        while self._server.flush():
            self._wait(POLLIN | POLLOUT)
            self._server.consume_input()  # it may be waiting for us to read

    def _wait(self, what: int) -> None:
        self._socket.register(self._server.socket, what)
        self._socket.poll()
