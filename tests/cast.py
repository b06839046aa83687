"""The cast. Asha consents, Bela was never asked, Meera manages both, Dev is DPO, Lata legal, Arun auditor, Ira admin,
Rupa speaks for the workers, Omar owns the programme; Emil works under EU law, Nisha under both; Agent is the client."""

from governance.demo.company import Company as Cast

__all__ = ["Cast"]
