"""Templates of what customers write, by topic and mood; {} stands for the article."""

TOPICS = ("delivery", "damage", "billing", "sizing", "app", "service")
MOODS = ("bad", "good")
OPENINGS = {
    "bad": """Hello,|Hi,|To whom it may concern,|This is the second time I write.|
        I am really disappointed.|I am writing to complain.|Nobody has answered me yet.|
        I have had enough.|Once again a problem with you.|I cannot believe this.""",
    "good": """Hello,|Hi there,|Dear team,|Good morning,|Just a quick question.|
        Thanks for your help so far.|I hope you are well.|A small thing only.|
        Hi, long-time customer here.|Good evening,""",
}
PROBLEMS = {
    "delivery": """My parcel with the {} is late|The courier never came with the {}|
        Tracking of the {} has not moved for days|The parcel was left outside in the rain|
        My {} still has not arrived|The parcel was delivered to the wrong address|
        The delivery window passed and no courier rang|The {} shipped without a tracking number|
        The driver threw the parcel over the fence|The shipment of the {} is stuck at the depot""",
    "damage": """The {} arrived broken|The box was crushed and the {} damaged|
        The {} stopped working after two days|A part of the {} is missing from the box|
        The seam of the {} came apart|The {} has a crack and a scratch|
        The {} leaks|The packaging was torn and the {} dented|
        The {} is defective out of the box|The colour of the {} faded after one wash""",
    "billing": """I was charged twice for the {}|The refund for the {} has not arrived|
        The invoice for the {} is wrong|My discount code was not taken off the price|
        The payment failed but my card was charged|I need an invoice with the tax number|
        The amount on my bank statement is not the one on the invoice|
        You charged me for the {} that I had cancelled|My voucher shows no balance any more|
        The subscription was billed although I paused it""",
    "sizing": """The {} does not fit|The size of the {} is too small|
        The {} is much larger than stated|I need another size of the {}|
        The size chart for the {} is off by two centimetres|The {} is too tight at the shoulders|
        The {} runs short|I would like to exchange the {} for a larger size|
        The fit of the {} is not what the guide says|The length of the {} is wrong for me""",
    "app": """The app crashes when I open the basket|I cannot log in to the app|
        The app shows an error at the checkout|The app keeps freezing|
        The password reset link of the app does not work|Notifications of the app come at night|
        The app forgot my wishlist with the {}|The update broke the search in the app|
        The app shows the {} as sold out, the site does not|The app does not load pictures""",
    "service": """Nobody answers my messages about the {}|The chat closed on me|
        I asked twice for a call back|Your agent promised a solution for the {}|
        The hotline kept me waiting for an hour|I was sent from one colleague to the next|
        My last ticket was closed without an answer|I would like to talk to a person|
        I got a reply that has nothing to do with the {}|The support form does not send""",
}
DETAILS = {
    "bad": """It has been two weeks.|I needed it for a birthday that is now ruined.|
        This happened with my last order too.|I have sent pictures twice already.|
        I waited the whole day for nothing.|Nobody seems to care.|
        The answer I got was useless.|It cost me a lot of time and nerves.|
        I paid for express.|That is a joke at this price.""",
    "good": """It is not urgent.|The rest of the order was perfect.|
        I can send a picture if that helps.|It is the first time that something is off.|
        Otherwise everything went very well.|I still like the {} a lot.|
        I may have done something wrong myself.|It is for my sister.|
        I looked into the help pages first.|I ordered it last week.""",
}
ASKS = {
    "bad": """This is unacceptable.|I want my money back.|I will not order again.|
        Terrible experience, honestly.|I am angry and I expect an answer today.|
        Worst service I have had in years.|Please cancel everything.|
        I will tell everybody to avoid you.|Fix this now or I dispute the payment.|
        I am very unhappy and frustrated.|That was my last order here.|
        Close my account and delete my data.|Simply awful.|You have lost a customer.""",
    "good": """Could you please have a look?|Thank you very much!|No hurry, thanks.|
        I am sure you can help, I love the shop otherwise.|Kind regards and thanks.|
        Happy to wait, just let me know.|Great if that could work.|
        You have always been helpful, thank you.|Many thanks for the kind support.|
        Please tell me what to do, thanks.|I appreciate your help.|Have a nice day!|
        Glad to be a customer.|Best wishes to the team.""",
}
PRAISE = {
    "good": """Great quality, I am delighted.|Love it, exactly as described.|
        Fantastic value and quick delivery.|My family uses it every day, wonderful.|
        Very happy, would buy again.|Beautiful and well made.|The {} is brilliant.|
        Fits perfectly and looks great.|Arrived early and well packed, excellent.|
        Best purchase of the year.|The {} is even better than the last one.|
        Friendly service and a superb product.|Comfortable, sturdy, nice colour.|
        I gave the {} as a gift and it was a success.|Easy to use and easy to clean, super.|
        Highly recommended.|Five stars, no question.|The app made ordering easy, perfect.|
        Good price for such quality.|I smile whenever I use the {}.""",
    "middling": """It is okay for the price.|Does what it should, nothing more.|
        Average, delivery was fine.|Not bad, not great.|The {} is what it is.|
        Two weeks in use, so far so so.|The colour differs a little from the picture.|
        Fits, though I would have liked more pockets.|Usable.|Packaging could be simpler.""",
    "bad": """Poor quality, it broke within a week.|Disappointing, not as described.|
        Bad smell and cheap feeling, awful.|Arrived late and damaged, terrible.|
        Waste of money, I hate it.|Does not fit and the return was a nightmare.|
        The {} is useless.|Scratched on arrival and nobody answers.|Never again.|
        The refund took a month, horrible.|Much too small and badly sewn.|
        The {} failed on the second day, worst purchase ever.|Ugly and overpriced.|
        I regret buying the {}.|Charged twice and still no apology.|
        Broken zip, sad.|Delivery was a disaster.|Flimsy and dangerous.|
        The app lost my order, annoying.|One star is too many.""",
}
TITLES = {
    "good": "Great|Love it|Perfect|Very happy|Excellent|Recommended",
    "middling": "Fine|Okay|So so|Average|It does the job",
    "bad": "Bad|Disappointed|Broken|Never again|Terrible|Waste of money",
}
COMMENTS = {
    "bad": "Too slow|Problem not solved|Unfriendly agent|Had to explain everything twice",
    "good": "Very helpful|Quick and kind|Solved at once|Thank you",
}
OTHER_SCRIPTS = (
    "Где мой заказ? Прошло уже две недели.",
    "注文した商品がまだ届きません。",
    "أين طلبي؟ لم يصل بعد.",
    "Πού είναι η παραγγελία μου;",
)
MARKUP = "<div><p>My order</p><br/>&nbsp;<b>is missing</b><script>x()</script>\u0007</div>"


def templates(texts: str) -> list[str]:
    """The templates of one group, as written above between bars."""
    return [text.strip() for text in texts.split("|")]
