"""What cards mean: instruments and their scoring. No rows: a card travels sealed in a thread.

The JSON body of every message has `text`, which any client can show. A card adds `card`:
`{"kind": "screening.request", "instrument": "phq9", "version": "1"}` or
`{"kind": "screening.response", "instrument": …, "version": …, "request": <msg_id, base64url>, "resource":
<FHIR R4 QuestionnaireResponse, answers as LOINC codings>}`. Scores are recomputed from the answers by the reader.
"""
