"""The demo shows what can become of a programme: it runs, it is stopped on request, an incident stopped it, it comes back."""

from governance.capture.models import Programme, StopRequest
from governance.demo import comeback, lives
from governance.incidents import relaunching
from tests.cast import Cast
from tests.visits import reading, visit, words


def test_beside_the_running_ones_stand_a_paused_one_and_one_that_an_incident_stopped(cast: Cast) -> None:
    paused, stopped = lives.show(cast)
    assert Programme.objects.get(pk=cast.programme.pk).state == "running"
    assert (paused.state, paused.relaunch) == ("paused", False)
    assert (stopped.state, stopped.relaunch) == ("paused", True) and relaunching.of(stopped) is not None
    back = comeback.waiting()
    assert back is not None and (back.programme.state, back.programme.relaunch) == ("paused", True)
    open_codes = {line.code for line in relaunching.facts(back).open_lines()}
    assert open_codes == {"grants", "log", "keys", "probe"}, (
        "the papers are filed; what machines check is not made up"
    )
    other = relaunching.of(stopped)
    assert other is not None and {"cause", "assessment"} <= {
        line.code for line in relaunching.facts(other).open_lines()
    }
    assert StopRequest.objects.get(programme=paused).stopped
    reading(cast.rupa, "en")
    with visit(cast.rupa) as browser:
        assert lives.ANSWER in words(browser.get(f"/programmes/{paused.pk}/"))
        assert "An incident stopped this programme" in words(browser.get(f"/programmes/{stopped.pk}/"))
