"""Common names, streets and towns of a few countries. Combined at random: nobody in particular."""

_FIRST_NAMES = (
    "Alexander Andreas Anna Anthony Barbara Benjamin Carla Catherine Charles Charlotte "
    "Christian Christina Christopher Claire Claudia Daniel David Deborah Diana Dominik Edward "
    "Elena Elisabeth Emma Eric Eva Felix Florian Frank Franziska Frederik Gabriel George "
    "Hannah Heinrich Helena Henry Ingrid Isabelle Jacob James Jan Jennifer Johanna John Jonas "
    "Jonathan Joseph Julia Karl Katharina Kevin Klara Laura Lea Leo Leonard Linda Lisa Louis "
    "Louise Lucas Luisa Manuel Margaret Maria Marie Martin Matthew Matthias Max Melanie "
    "Michael Monika Nathan Nicholas Nicole Nina Oliver Olivia Oscar Pascal Patricia Patrick "
    "Paul Peter Philipp Pierre Rachel Rebecca Richard Robert Roland Ruth Samuel Sandra Sarah "
    "Sebastian Simon Sofia Sophie Stefan Stephanie Susanne Theodor Theresa Thomas Timothy "
    "Tobias Ursula Valentin Valerie Vanessa Veronika Victor Victoria Vincent Walter Werner "
    "William Yvonne Zoe"
)
FIRST_NAMES = _FIRST_NAMES.split()
NICKNAMES = {
    "Alexander": "Alex", "Andreas": "Andi", "Anthony": "Tony", "Barbara": "Babs",
    "Benjamin": "Ben", "Catherine": "Kate", "Charles": "Charlie", "Charlotte": "Lotte",
    "Christian": "Chris", "Christina": "Tina", "Christopher": "Chris", "Daniel": "Dan",
    "David": "Dave", "Deborah": "Debbie", "Edward": "Ted", "Elisabeth": "Lisa",
    "Franziska": "Franzi", "Frederik": "Fred", "Gabriel": "Gabe", "Heinrich": "Heiner",
    "Henry": "Harry", "Isabelle": "Isa", "Jacob": "Jake", "James": "Jim", "Jennifer": "Jenny",
    "Johanna": "Hanna", "John": "Jack", "Jonathan": "Jon", "Joseph": "Joe", "Katharina": "Kathi",
    "Leonard": "Leo", "Margaret": "Maggie", "Matthew": "Matt", "Matthias": "Matze",
    "Melanie": "Mel", "Michael": "Mike", "Nathan": "Nate", "Nicholas": "Nick", "Nicole": "Nicki",
    "Patricia": "Pat", "Patrick": "Paddy", "Philipp": "Phil", "Rebecca": "Becky",
    "Richard": "Rick", "Robert": "Bob", "Samuel": "Sam", "Sebastian": "Basti",
    "Stefan": "Steff", "Stephanie": "Steffi", "Susanne": "Susi", "Theodor": "Theo",
    "Theresa": "Resi", "Thomas": "Tom", "Timothy": "Tim", "Tobias": "Tobi", "Valentin": "Val",
    "Veronika": "Vroni", "Victoria": "Vicky", "Vincent": "Vince", "William": "Bill",
}  # fmt: skip
_LAST_NAMES = (
    "Adams Albrecht Allen Arnold Bailey Baker Bauer Baumann Becker Bell Bennett Berger Bernard "
    "Bertrand Böhm Bonnet Brandt Braun Brooks Brown Busch Butler Campbell Carter Chevalier Clark "
    "Collins Cook Cooper Cox David Davies Dietrich Dubois Dupont Durand Edwards Engel Evans "
    "Fischer Fontaine Foster Fournier Frank Franke Friedrich Fuchs Garnier Girard Graf Gray Green "
    "Griffin Gross Günther Haas Hahn Hall Harris Hartmann Heinrich Henry Herrmann Hill Hoffmann "
    "Horn Howard Huber Hughes Jackson Jäger Jenkins Johnson Jones Jung Kaiser Keller Kelly King "
    "Klein Koch König Kraus Krüger Kuhn Lambert Lang Laurent Lefebvre Lehmann Leroy Lewis Lorenz "
    "Ludwig Maier Marchand Martin Martinez Mayer Meier Mercier Meyer Miller Mitchell Moore Moreau "
    "Morel Morgan Morris Müller Murphy Myers Nelson Neumann Otto Parker Perrin Peters Petit "
    "Pfeiffer Phillips Pohl Powell Price Reed Richardson Richter Robert Roberts Robinson Rogers "
    "Roth Rousseau Roux Russell Sanders Sauer Schäfer Schmidt Schmitt Schmitz Schneider Scholz "
    "Schreiber Schröder Schubert Schulte Schulz Schumacher Schuster Schwarz Scott Seidel Simon "
    "Smith Sommer Stein Stewart Sullivan Taylor Thomas Thompson Turner Vincent Vogel Vogt Wagner "
    "Walker Walter Ward Watson Weber Weiß Werner White Williams Wilson Winkler Winter Wolf Wood "
    "Wright Young Ziegler Zimmermann"
)
LAST_NAMES = _LAST_NAMES.split()
_STREETS = {
    "DE": (
        "Hauptstraße|Bahnhofstraße|Schulstraße|Gartenstraße|Dorfstraße|Bergstraße|Birkenweg|"
        "Lindenstraße|Kirchstraße|Waldstraße|Ringstraße|Schillerstraße|Goethestraße|Amselweg|"
        "Wiesenweg|Jahnstraße|Feldstraße|Buchenweg|Mühlenweg|Rosenweg|Parkstraße|Blumenstraße"
    ),
    "GB": (
        "High Street|Station Road|Main Street|Park Road|Church Road|London Road|Victoria Road|"
        "Green Lane|Manor Road|Church Lane|Park Avenue|The Avenue|The Crescent|Queens Road|"
        "New Road|Grange Road|Kings Road|Kingsway|Windsor Road|Highfield Road|Mill Lane|York Road"
    ),
    "FR": (
        "rue de la Gare|rue de l'Église|Grande Rue|rue du Moulin|rue des Écoles|rue du Château|"
        "place de la Mairie|rue Pasteur|rue Victor Hugo|rue Jean Jaurès|rue des Lilas|"
        "rue du Stade|avenue de la République|rue de Verdun|rue des Jardins|rue du Lavoir"
    ),
}
STREETS = {country: streets.split("|") for country, streets in _STREETS.items()}
CITIES = {
    "DE": {
        "Berlin": "10", "Hamburg": "20", "München": "80", "Köln": "50", "Leipzig": "04",
        "Dresden": "01", "Stuttgart": "70", "Bremen": "28", "Hannover": "30", "Kassel": "34",
    },
    "GB": {
        "London": "SE", "Leeds": "LS", "Bristol": "BS", "Sheffield": "S", "Cardiff": "CF",
        "Glasgow": "G", "Norwich": "NR", "Oxford": "OX",
    },
    "FR": {
        "Paris": "75", "Lyon": "69", "Lille": "59", "Nantes": "44", "Toulouse": "31", "Dijon": "21",
    },
}  # fmt: skip
REGIONS = {
    "Berlin": "Berlin", "Hamburg": "Hamburg", "München": "Bayern", "Köln": "Nordrhein-Westfalen",
    "Leipzig": "Sachsen", "Dresden": "Sachsen", "Stuttgart": "Baden-Württemberg",
    "Bremen": "Bremen", "Hannover": "Niedersachsen", "Kassel": "Hessen", "London": "England",
    "Leeds": "England", "Bristol": "England", "Sheffield": "England", "Cardiff": "Wales",
    "Glasgow": "Scotland", "Norwich": "England", "Oxford": "England", "Paris": "Île-de-France",
    "Lyon": "Auvergne-Rhône-Alpes", "Lille": "Hauts-de-France", "Nantes": "Pays de la Loire",
    "Toulouse": "Occitanie", "Dijon": "Bourgogne-Franche-Comté",
}  # fmt: skip
COUNTRIES = ["DE", "GB", "FR"]
COUNTRY_NAMES = {"DE": "Germany", "GB": "United Kingdom", "FR": "France"}
TIME_ZONES = {"DE": "Europe/Berlin", "GB": "Europe/London", "FR": "Europe/Paris"}
CURRENCIES = {"DE": "EUR", "GB": "GBP", "FR": "EUR"}
# Reserved names (RFC 2606): no address here can be somebody's.
MAIL_DOMAINS = ["mail.example", "post.example", "inbox.example", "example.com", "example.net"]
