"""A proxy before a server, and scenes to lie about: made anew only when a lie has used one up."""

from __future__ import annotations

from client.threads import open_thread
from tests.adversary.lies import Lie
from tests.adversary.proxy import LyingProxy
from tests.adversary.scene import WORDS, Scene, Story
from tests.client.test_threads import begin, post_after_reading
from tests.server import Server
from wire.messaging import MessageNew


class Stage:
    """Lends the scene of one lie at a time; everything asynchronous runs on the proxy's loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.proxy = LyingProxy(server.address)
        self._scene: Scene | None = None

    def scene_for(self, lie: Lie) -> Scene:
        self.proxy.be_honest()
        scene = self._scene or self.proxy.run(self._begin())
        self._scene = None if lie.is_a_deed else scene
        return scene

    async def _begin(self) -> Scene:
        case = await begin(self._server)
        for text in WORDS:
            await post_after_reading(case.elena, case.thread, text)
        # Maya has read it before, on a device of hers that is not lied to, and her pins are kept.
        await open_thread(case.maya.account, case.thread.id)
        await case.maya.account.keep_pins()
        return Scene(case, self.proxy)

    def tell(self, lie: Lie, scene: Scene) -> None:
        """From now on Maya is lied to."""
        story = self.proxy.run(self._told(lie, scene))
        if story.pushed is None:
            self.proxy.answer = story.answer
            return
        pushed = story.pushed

        def push(text: str) -> list[str]:
            if '"type":"message.new"' not in text:
                return [text]
            true = MessageNew.model_validate_json(text)
            return [true.model_copy(update={"wire": pushed(true.wire)}).model_dump_json()]

        self.proxy.push = push

    async def _told(self, lie: Lie, scene: Scene) -> Story:
        story = await scene.truth()
        await lie.tell(scene, story)
        return story

    def elena_writes(self, scene: Scene) -> None:
        self.proxy.run(post_after_reading(scene.elena, scene.case.thread, "And now?"))

    def close(self) -> None:
        self.proxy.stop()
