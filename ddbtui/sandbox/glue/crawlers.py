"""The calls about crawlers. Only those of S3 are known, without a schedule.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html
"""

from __future__ import annotations

from typing import Any

from ddbtui.sandbox.answers import Answer, AwsError, json_answer
from ddbtui.sandbox.call import Call
from ddbtui.sandbox.glue import roles
from ddbtui.sandbox.glue.answers import invalid, missing, paged
from ddbtui.sandbox.glue.crawl import Crawl
from ddbtui.sandbox.glue.state import Crawler
from ddbtui.sandbox.iam.principals import Principal
from ddbtui.sandbox.world import World

_UNKNOWN = ("Schedule", "Classifiers", "LakeFormationConfiguration", "CrawlerSecurityConfiguration")


def _named(world: World, call: Call, principal: Principal) -> Crawler:
    name = str(call.params["Name"])
    crawler = world.glue.crawlers.get((principal.account, call.region, name))
    if crawler is None:
        raise missing(f"Crawler entry with name {name} does not exist")
    return crawler


def _crawl(world: World, crawler: Crawler) -> Crawl | None:
    """The crawl that goes on."""
    return next(
        (job for job in world.jobs if isinstance(job, Crawl) and job.crawler is crawler and not job.ended), None
    )


def _checked(world: World, principal: Principal, params: dict[str, Any]) -> dict[str, Any]:
    """What a crawler is made of, defaults filled in."""
    for name in _UNKNOWN:
        if params.get(name):
            raise invalid(f"The sandbox has no crawlers with {name}")
    given = {name: value for name, value in params.items() if name not in ("Name", "Tags", *_UNKNOWN)}
    targets = given.get("Targets") or {}
    if not targets.get("S3Targets") or any(targets[name] for name in targets if name != "S3Targets"):
        raise invalid("The sandbox crawls S3 targets only, and at least one")
    roles.pass_role(world, principal, str(given["Role"]))
    if not roles.assumable(world, roles.role_arn(str(given["Role"]), principal.account)):
        raise invalid("Service is unable to assume provided role. Please verify role's TrustPolicy")
    behaviour = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    given["SchemaChangePolicy"] = {**behaviour, **(given.get("SchemaChangePolicy") or {})}
    given.setdefault("RecrawlPolicy", {"RecrawlBehavior": "CRAWL_EVERYTHING"})
    return given


def create_crawler(world: World, call: Call, principal: Principal) -> Answer:
    """Create a crawler; unlike for a job, its role is tried at once."""
    place = (principal.account, call.region, str(call.params["Name"]))
    given = _checked(world, principal, call.params)
    if place in world.glue.crawlers:
        raise AwsError("AlreadyExistsException", f"Crawler with name {place[2]} already exists")
    now = world.now()
    crawler = Crawler(*place, given, now, now)
    world.glue.crawlers[place] = crawler
    world.glue.tags[crawler.arn] = dict(call.params.get("Tags") or {})
    return json_answer({})


def update_crawler(world: World, call: Call, principal: Principal) -> Answer:
    """Change a crawler: what is left out stays."""
    crawler = _named(world, call, principal)
    if _crawl(world, crawler):
        raise AwsError("CrawlerRunningException", f"Crawler with name {crawler.name} is running")
    changed = {name: value for name, value in call.params.items() if name not in ("Name", "Tags")}
    crawler.given = _checked(world, principal, {**crawler.given, **changed})
    crawler.updated, crawler.version = world.now(), crawler.version + 1
    return json_answer({})


def _describe(world: World, crawler: Crawler) -> dict[str, Any]:
    crawl = _crawl(world, crawler)
    told = {
        "Name": crawler.name,
        "State": "READY",
        "CrawlElapsedTime": 0,
        "CreationTime": crawler.created,
        "LastUpdated": crawler.updated,
        "Version": crawler.version,
    }
    if crawler.last:
        told["LastCrawl"] = {name: value for name, value in crawler.last.items() if value is not None}
    return {"Classifiers": [], **crawler.given, **told, **(crawl.describe(world) if crawl else {})}


def get_crawler(world: World, call: Call, principal: Principal) -> Answer:
    """Describe a crawler and its last crawl."""
    return json_answer({"Crawler": _describe(world, _named(world, call, principal))})


def _own(world: World, call: Call, principal: Principal) -> list[Crawler]:
    place = (principal.account, call.region)
    found = [crawler for crawler in world.glue.crawlers.values() if (crawler.account, crawler.region) == place]
    return sorted(found, key=lambda crawler: crawler.name)


def get_crawlers(world: World, call: Call, principal: Principal) -> Answer:
    """Describe all crawlers, a page at a time."""
    return paged("Crawlers", [_describe(world, crawler) for crawler in _own(world, call, principal)], call)


def list_crawlers(world: World, call: Call, principal: Principal) -> Answer:
    """Name all crawlers, or those with all of the given tags, a page at a time."""
    wanted = (call.params.get("Tags") or {}).items()
    crawlers = _own(world, call, principal)
    names = [crawler.name for crawler in crawlers if wanted <= world.glue.tags.get(crawler.arn, {}).items()]
    return paged("CrawlerNames", names, call)


def start_crawler(world: World, call: Call, principal: Principal) -> Answer:
    """Start a crawl."""
    crawler = _named(world, call, principal)
    if _crawl(world, crawler):
        raise AwsError("CrawlerRunningException", f"Crawler with name {crawler.name} has already started")
    crawl = Crawl(world, principal, crawler)
    crawl.fault = world.faults.job_for("crawl", crawler.name)
    world.jobs.append(crawl)
    return json_answer({})


def stop_crawler(world: World, call: Call, principal: Principal) -> Answer:
    """Stop a crawl; what it has put into the catalog stays."""
    crawler = _named(world, call, principal)
    crawl = _crawl(world, crawler)
    if crawl is None:
        raise AwsError("CrawlerNotRunningException", f"Crawler with name {crawler.name} isn't running")
    if crawl.status == "STOPPING":
        raise AwsError("CrawlerStoppingException", f"Crawler with name {crawler.name} is already stopping")
    crawl.stopping(world, "CANCELLED")
    return json_answer({})


def delete_crawler(world: World, call: Call, principal: Principal) -> Answer:
    """Delete a crawler; the tables that it made stay."""
    crawler = _named(world, call, principal)
    if _crawl(world, crawler):
        raise AwsError("CrawlerRunningException", f"Crawler with name {crawler.name} is running")
    del world.glue.crawlers[crawler.account, crawler.region, crawler.name]
    world.glue.tags.pop(crawler.arn, None)
    return json_answer({})
