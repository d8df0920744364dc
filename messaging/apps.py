from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import listening
        from messaging.attachments import jobs

        listening.connect()
        jobs.register()
