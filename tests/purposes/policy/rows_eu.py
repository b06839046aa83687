"""Every row of the Union: the rule, what it answers, facts that fire it, and the one thing that makes it a near miss."""

from datetime import date

CL = "kind=agent_training eu=a cat=CL gate"
LI = "kind=agent_training eu=f cat=CL papers=lia,dpia,worker_consultation"
TEXT = (
    "kind=investigation eu=f cat=TX papers=suspicion_record,legal_signoff,dpo_signoff,representative_signoff"
)
SCREEN = "cat=SS mode=task_bounded user_started redacted_on_device allowlisted eu=a gate"
SAFETY = "kind=safety eu=f cat=AU mode=continuous"
FILM = "cat=BV mode=demo eu=a gate blurred"
MOOD = "eu=f cat=KD uses=emotion medical_or_safety papers=legal_signoff"
SCORE = "cat=PS uses_ai effects=tasks"
AI_FILE = "papers=high_risk_file,human_oversight,worker_notice,ai_logs,dpia"
ALONE = "solely_automated significant_effect"
LOGS = "cat=SL kind=security eu=f papers=lia"

ROWS = [
    ("EU-01", "ALLOW", "kind=payroll eu=c cat=PAY", "eu=f"),
    ("EU-02", "REJECT_CONFIG", "kind=payroll eu=a gate", "eu=b"),
    ("EU-03", "OPT_IN", CL, "kind=research"),
    ("EU-04", "HOLD", "kind=agent_training eu=a cat=CL gate !ask.control_per_item", "ask.control_per_item"),
    ("EU-05", "HOLD", "kind=agent_training eu=f cat=AP papers=lia", "papers=dpia"),
    ("EU-06", "NOTICE_OBJECT", LI, "!paper=worker_consultation"),
    ("EU-06.a", "HOLD", f"{LI} !paper=worker_consultation", "papers=worker_consultation"),
    ("EU-07", None, f"{LI} case=objection", "eu=a"),
    ("EU-08", None, f"{LI} case=objection_decided c.grounds_recorded", "!c.grounds_recorded"),
    ("EU-09", "BLOCK", "kind=agent_training cat=TX mode=continuous", "mode=demo"),
    ("EU-10", "HOLD", f"{TEXT} !paper=dpo_signoff", "papers=dpo_signoff"),
    ("EU-10.a", "ALLOW", TEXT, "!paper=representative_signoff"),
    ("EU-11", "BLOCK", "kind=productivity cat=SS mode=periodic", "mode=task_bounded"),
    ("EU-12", "OPT_IN", SCREEN, "!redacted_on_device"),
    ("EU-13", "BLOCK", "cat=MM uses=idle_time effects=pay", "effects=tasks"),
    ("EU-14", "BLOCK", "cat=KD uses=identity", "equal_alternative"),
    ("EU-14.a", "EXPLICIT_OPT_IN", "eu=f cat=KD uses=identity equal_alternative assessed", "uses=idle_time"),
    ("EU-15", "BLOCK", "kind=access_control cat=BM", "special_law"),
    ("EU-16", "BLOCK", "kind=productivity cat=BV mode=continuous", "mode=demo"),
    ("EU-16.a", "HOLD", f"{SAFETY} papers=dpia", "papers=legal_signoff,worker_consultation"),
    ("EU-16.b", "OPT_IN", f"{SAFETY} papers=dpia,legal_signoff,worker_consultation", "!paper=legal_signoff"),
    ("EU-17", "BLOCK", "cat=AU mode=session", "all_speakers_agree"),
    ("EU-18", "OPT_IN", FILM, "!blurred"),
    ("EU-19", "BLOCK", "cat=KD uses=emotion", "uses=idle_time"),
    ("EU-20", "HOLD", MOOD, "art9=h"),
    ("EU-20.a", "EXPLICIT_OPT_IN", f"{MOOD} art9=h assessed", "art9=none"),
    ("EU-21", "BLOCK", "cat=BV uses=religion", "uses=identity"),
    ("EU-22", "BLOCK", "cat=TX mode=event text_only uses=sentiment", "uses=traits"),
    ("EU-23", "HOLD", f"{SCORE} papers=dpia", AI_FILE, date(2027, 12, 2)),
    ("EU-24", "HOLD", SCORE, "papers=dpia,human_oversight", date(2027, 12, 1)),
    ("EU-25", "BLOCK", ALONE, "art22=law"),
    ("EU-26", "HOLD", f"{ALONE} art22=contract", "human_route"),
    ("EU-27", "BLOCK", "cat=GZ", "lab_study"),
    ("EU-28", "BLOCK", "cat=LO off_duty", "!off_duty"),
    ("EU-29", "BLOCK", "kind=productivity cat=BH form=raw", "form=minimised"),
    ("EU-30", "NOTICE_OBJECT", LOGS, "!paper=lia"),
    ("EU-31", "REJECT_CONFIG", "kind=performance cat=SL papers=prior_notice", "papers=compatibility_test"),
    ("EU-32", "OPT_IN", f"{LI} origin=consent", "origin=fresh"),
    ("EU-33", "HOLD", "works_council monitoring_capable countries=DE", "papers=works_agreement"),
    ("EU-34", "REJECT_CONFIG", "papers=works_agreement", "eu=f"),
    ("EU-34.a", "HOLD", "cat=CL", "eu=f"),
    ("EU-35", None, "case=special_content", "case=none"),
    ("EU-36", None, "eu=a case=withdrawal", "case=refusal"),
    ("EU-37", None, "eu=a case=refusal", "case=withdrawal"),
    ("EU-38", None, "case=erasure c.union_or_state_duty", "!c.union_or_state_duty c.required_by_law"),
    ("EU-38.a", None, "case=erasure c.required_by_law", "c.union_or_state_duty"),
    ("EU-39", None, "case=erasure c.litigation_hold", "!c.litigation_hold"),
    ("EU-40", None, "case=erasure c.in_trained_model", "!c.in_trained_model"),
    ("EU-41", None, "case=changed", "case=access"),
    ("EU-42", None, "eu=b case=portability", "eu=f"),
    ("EU-43", None, "case=access c.shows_others", "!c.shows_others"),
    ("EU-44", "BLOCK", "cat=CL under_18", "!under_18"),
    ("EU-45", "BLOCK", "cat=CL platform_workers uses=union_prediction", "!platform_workers"),
    ("EU-46", "BLOCK", "to=IN+processor+contract", "to=IN+processor+contract+scc"),
    ("EU-47", "HOLD", "dpia_residual_high", "papers=sa_reply"),
    ("EU-48", None, "eu=a case=standing c.consent_months=12", "c.consent_months=11"),
    ("EU-49", "HOLD", "people=de,pl approved=de", "approved=de,pl"),
]
