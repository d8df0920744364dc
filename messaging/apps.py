from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import listening
        from messaging.attachments import jobs
        from messaging.urgency import jobs as urgency

        listening.connect()
        jobs.register()
        urgency.register()
